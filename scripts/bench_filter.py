#!/usr/bin/env python3
"""What filters cost: an entry of the queue index, a message by hand in C++, by SQL92, by Lua; and a
pull that walks over a million messages of which one in a hundred matches, with sends beside it.

usage: bench_filter.py [--quick] [--build FOLDER]

Contestants take turns in one program, gantry_filter_bench; it runs several times, and each time the
ones of that run are compared. The walk is timed at a node that has the messages in memory; sends are
timed from the moment they were due, first alone, then beside it. Exit code 1 when something is wrong,
or judging took memory; not when a goal of time is missed.
"""
import argparse
import contextlib
import pathlib
import sys

import bench_rig as rig
from bench_report import Goal, figure_line, print_goals, ratios

# What gantry_filter_bench tells of, and what people call it.
ROWS = (("tag_1_entry", "index entry, 1 tag"),
        ("tag_4_entry", "index entry, 4 tags"),
        ("tag_36_entry", "index entry, 36 tags"),
        ("tag_1_message", "message, 1 tag"),
        ("tag_36_message", "message, 36 tags"),
        ("hand_message", "message, C++ by hand"),
        ("sql_message", "message, SQL92"),
        ("lua_message", "message, Lua"))
TAG_NS_MAX = 2
SQL_RATIO_MAX = 2
LUA_RATIO_MAX = 4
JUDGED_PER_SECOND_MIN = 2_000_000
BESIDE_RATIO_MAX = 2
SEND_RATE = 1_000


def values(found, name):
    return [sample[name] for sample in found]


def times(found, name):
    return values(found, f"{name}_ns")


def check_memory(found):
    for sample in found:
        for name, _ in ROWS:
            count = sample[f"{name}_allocations"]
            if count:
                raise rig.Wrong(f"{name} allocated {count} times")


def scans(build, quick):
    """Walks over a topic of its own each: alone, and with sends beside."""
    messages, repetitions = (200_000, 1) if quick else (1_000_000, 3)
    found = {"alone": [], "beside": []}
    for _ in range(repetitions):
        with rig.data_folder(build) as folder, \
                contextlib.closing(rig.Broker(build, folder / "node")) as broker:
            for name, options in (("alone", ("--scans", 3)),
                                  ("beside", ("--scans", 8, "--send-rate", SEND_RATE))):
                sample = rig.run_tool([build / "bin" / "gantry_wake_bench", "--server",
                                       broker.address, "scan", "--topic", f"scan-{name}",
                                       "--messages", messages, "--server-pid", broker.process.pid,
                                       *options])
                broker.check_alive()
                if sample["matched"] * 100 != sample["judged"]:
                    raise rig.Wrong(f"{sample['matched']} of {sample['judged']} matched, not 1 %")
                found[name].append(sample)
            broker.terminate()
    return found


def report_scans(found):
    for name, unit, field, where in (
            ("scan, 1 % matches", "messages/s", "per_second", "alone"),
            ("scan, 1 % matches", "us CPU each", "server_cpu_us", "alone"),
            ("send p50", "us", "send_alone_p50_us", "beside"),
            ("send p99", "us", "send_alone_p99_us", "beside"),
            ("send p50 beside a scan", "us", "send_beside_p50_us", "beside"),
            ("send p99 beside a scan", "us", "send_beside_p99_us", "beside")):
        print(figure_line(f"{name:32}", unit, values(found[where], field)))
    beside = found["beside"]
    return [Goal("F4", "messages a second of a pull that 1 % match",
                 values(found["alone"], "per_second"), JUDGED_PER_SECOND_MIN, at_least=True, unit=""),
            Goal("F5", "p99 of a send beside a scan to alone",
                 ratios(values(beside, "send_beside_p99_us"), values(beside, "send_alone_p99_us")),
                 BESIDE_RATIO_MAX)]


def report(found, scanned):
    print(f"8 properties a message, {found[0]['hits']:.0%} of them match; no allocation")
    for name, what in ROWS:
        print(figure_line(f"{what:32}", "ns", times(found, name)))
    goals = report_scans(scanned)
    print_goals([Goal("F1", "an index entry by its tag", times(found, "tag_4_entry"), TAG_NS_MAX,
                      unit="ns"),
                 Goal("F2", "SQL92 to C++ by hand",
                      ratios(times(found, "sql_message"), times(found, "hand_message")),
                      SQL_RATIO_MAX),
                 Goal("F3", "Lua to SQL92",
                      ratios(times(found, "lua_message"), times(found, "sql_message")),
                      LUA_RATIO_MAX), *goals])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="once")
    arguments.add_argument("--build", type=pathlib.Path, default=rig.ROOT / ".build" / "bench")
    chosen = arguments.parse_args()
    build = chosen.build.resolve()
    program = build / "bin" / "gantry_filter_bench"
    try:
        found = [rig.run_tool([program]) for _ in range(1 if chosen.quick else 5)]
        check_memory(found)
        scanned = scans(build, chosen.quick)
    except (rig.Wrong, AssertionError) as wrong:
        print(f"bench filter: {wrong}", file=sys.stderr)
        return 1
    report(found, scanned)
    return 0


if __name__ == "__main__":
    sys.exit(main())
