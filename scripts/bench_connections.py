#!/usr/bin/env python3
"""What a client notices of others who misuse connections.

usage: bench_connections.py [--quick] [--build FOLDER]

A neighbour sends at a fixed rate, its latency counted from when each message was due: in calm, and
while 2,000 connections each hold half a request and others connect and reset, at most 2,000 a
second. Calm and storm take turns. Exit code 1 when something is wrong, not when the goal is missed.
"""
import argparse
import contextlib
import pathlib
import subprocess
import sys

import bench_rig as rig
from bench_report import Goal, load_line, print_goals, ratios

NEIGHBOUR = (16, 4)
NEIGHBOUR_RATE = 4_000
HALF_FRAMES = 2_000
CHURN_RATE = 2_000
CHURN_NICE = 5  # it shares the neighbour's core, whose own lateness isn't the server's


@contextlib.contextmanager
def churned(tools, server, seconds):
    """Connections opened and reset while the block runs, which takes less than `seconds`."""
    command = ["nice", "-n", CHURN_NICE, tools / "gantry_load", "--server", server.address, "churn",
               "--rate", CHURN_RATE, "--seconds", seconds]
    with rig.pinned(rig.LOAD_CORE):
        churner = subprocess.Popen([str(word) for word in command], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield
    finally:
        printed, complaint = churner.communicate(timeout=seconds + rig.STOP_S)
    if churner.returncode != 0:
        raise rig.Wrong(f"gantry_load churn failed: {complaint.strip()}")
    print(f"  connected and reset: {printed.strip()}", file=sys.stderr)


def neighbour(tools, broker, seconds):
    return rig.load(tools, broker, *NEIGHBOUR, seconds, "--rate", NEIGHBOUR_RATE)


def measure(build, pairs, seconds):
    tools = build / "bin"
    calm, storm = [], []
    with rig.data_folder(build) as folder:
        with contextlib.closing(rig.Broker(build, folder / "node")) as broker:
            for _ in range(pairs):
                calm.append(neighbour(tools, broker, seconds))
                with rig.held(tools, broker, HALF_FRAMES, "half"):
                    with churned(tools, broker, seconds * 1.5):  # the neighbour's warm-up too
                        storm.append(neighbour(tools, broker, seconds))
            broker.terminate()
    return calm, storm


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="one pair, in short runs")
    arguments.add_argument("--build", type=pathlib.Path, default=rig.ROOT / ".build" / "bench")
    chosen = arguments.parse_args()
    pairs, seconds = (1, 2.0) if chosen.quick else (3, 10.0)
    try:
        calm, storm = measure(chosen.build.resolve(), pairs, seconds)
    except (rig.Wrong, AssertionError) as wrong:
        print(f"bench connections: {wrong}", file=sys.stderr)
        return 1
    print(load_line("calm", calm))
    print(load_line("storm", storm))
    worse = ratios([sample["p99_us"] for sample in storm], [sample["p99_us"] for sample in calm])
    print_goals([Goal("CONN", "p99 of a neighbour, in a storm against in calm", worse, 2)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
