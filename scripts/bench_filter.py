#!/usr/bin/env python3
"""What filters cost: an entry of the queue index, a message by hand in C++, by SQL92, by Lua.

usage: bench_filter.py [--quick] [--build FOLDER]

Contestants take turns in one program, gantry_filter_bench; it runs several times, and each time the
ones of that run are compared. Exit code 1 when something is wrong, or judging took memory; not when a
goal of time is missed.
"""
import argparse
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


def values(found, name):
    return [sample[f"{name}_ns"] for sample in found]


def check_memory(found):
    for sample in found:
        for name, _ in ROWS:
            count = sample[f"{name}_allocations"]
            if count:
                raise rig.Wrong(f"{name} allocated {count} times")


def report(found):
    print(f"8 properties a message, {found[0]['hits']:.0%} of them match; no allocation")
    for name, what in ROWS:
        print(figure_line(f"{what:32}", "ns", values(found, name)))
    print_goals([Goal("F1", "an index entry by its tag", values(found, "tag_4_entry"), TAG_NS_MAX,
                      unit="ns"),
                 Goal("F2", "SQL92 to C++ by hand",
                      ratios(values(found, "sql_message"), values(found, "hand_message")),
                      SQL_RATIO_MAX),
                 Goal("F3", "Lua to SQL92",
                      ratios(values(found, "lua_message"), values(found, "sql_message")),
                      LUA_RATIO_MAX)])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="once")
    arguments.add_argument("--build", type=pathlib.Path, default=rig.ROOT / ".build" / "bench")
    chosen = arguments.parse_args()
    program = chosen.build.resolve() / "bin" / "gantry_filter_bench"
    try:
        found = [rig.run_tool([program]) for _ in range(1 if chosen.quick else 5)]
        check_memory(found)
    except rig.Wrong as wrong:
        print(f"bench filter: {wrong}", file=sys.stderr)
        return 1
    report(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
