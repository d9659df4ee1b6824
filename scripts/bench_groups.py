#!/usr/bin/env python3
"""What consumers wait for: wake-ups of held pulls, catching up, messages on their way.

usage: bench_groups.py [--quick] [--build FOLDER]

A wake-up is timed from outside: from an append's request to the answer of the pull it wakes, beside
the append's own answer. Exit code 1 when something is wrong, not when a goal is missed.
"""
import argparse
import contextlib
import pathlib
import sys

import bench_rig as rig
from bench_report import Goal, figure_line, print_goals

# Pulls held: connections x pulls of each, every pull on a queue of its own.
HELD = ((10, 1_000), (2_000, 1))
WAITERS = 100  # of one queue
TAIL_RATE = 10_000


def bench(tools, broker, name, *options):
    found = rig.run_tool([tools / "gantry_wake_bench", "--server", broker.address, name, *options])
    broker.check_alive()
    return found


def measure(build, quick):
    tools = build / "bin"
    samples, messages, seconds = (300, 50_000, 2) if quick else (2_000, 500_000, 10)
    found = {}
    for repetition in range(1 if quick else 3):
        with rig.data_folder(build) as folder, \
                contextlib.closing(rig.Broker(build, folder / "node")) as broker:
            def run(key, name, *options):
                found.setdefault(key, []).append(bench(tools, broker, name, *options))
            for connections, pulls in HELD:
                run((connections, pulls), "wake", "--connections", connections, "--pulls", pulls,
                    "--samples", samples, "--topic", f"wake-{connections}")
            run("fan", "wake", "--connections", WAITERS, "--pulls", 1, "--one-queue",
                "--samples", samples, "--topic", "wake-all")
            pid = ("--server-pid", broker.process.pid)
            run("catch-up", "catch-up", "--messages", messages, *pid)
            run("tail", "tail", "--rate", TAIL_RATE, "--seconds", seconds, *pid)
            broker.terminate()
    return found


def values(found, key, field):
    return [sample[field] for sample in found[key]]


def report(found):
    for connections, pulls in HELD:
        key = (connections, pulls)
        for what in ("send", "woken"):
            for share in ("p50", "p99"):
                name = f"{connections} x {pulls} held: {what} {share}"
                print(figure_line(f"{name:32}", "us", values(found, key, f"{what}_{share}_us")))
    for share in ("p50", "p99"):
        name = f"{WAITERS} on one queue: further {share}"
        print(figure_line(f"{name:32}", "us each", values(found, "fan", f"behind_{share}_us")))
    for key, what in (("catch-up", "catch-up of 1 KiB"), ("tail", f"tail at {TAIL_RATE:,}/s")):
        print(figure_line(f"{what:32}", "messages/s", values(found, key, "per_second")))
        print(figure_line(f"{what:32}", "us CPU each", values(found, key, "server_cpu_us")))
    for share in ("p50", "p99"):
        print(figure_line(f"{'tail, due to received ' + share:32}", "us",
                          values(found, "tail", f"tail_{share}_us")))
    # The append and what it wakes leave in one turn of the shard: more than the goal apart, and the
    # wake-up took a detour.
    behind = [sample["woken_p50_us"] - sample["send_p50_us"]
              for key in HELD for sample in found[key]]
    print_goals([Goal("G10", "p50 from an append's answer to the woken pull's", behind, 25,
                      unit="us"),
                 Goal("G10", "p50 of each further waiter of a queue",
                      values(found, "fan", "behind_p50_us"), 8, unit="us")])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="once, in short runs")
    arguments.add_argument("--build", type=pathlib.Path, default=rig.ROOT / ".build" / "bench")
    chosen = arguments.parse_args()
    try:
        found = measure(chosen.build.resolve(), chosen.quick)
    except (rig.Wrong, AssertionError) as wrong:
        print(f"bench groups: {wrong}", file=sys.stderr)
        return 1
    report(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
