#!/usr/bin/env python3
"""What a module costs: put hooks, filters, the guard between two modules.

usage: bench_hooks.py [--quick] [--build FOLDER]

A cost is a difference: the same put with a module and without, in turns. Each figure is the median
of several processes, since where a program lies in memory moves it by some tenths of a nanosecond.
Exit code 1 when a goal is missed or something is wrong.
"""
import argparse
import pathlib
import sys

import bench_rig as rig
from bench_report import Goal, figure_line, print_goals

RUNS = 9
TAGS = 4  # of the filter's expression; bench_filter.py tells more

# Key of gantry_hook_bench, what it is.
FIGURES = (
    ("put", "a put of a small body, no chain"),
    ("empty_chain", "empty chain"),
    ("put_first_when", "first `when` hook, not concerned"),
    ("first_when", "  the same, the put's checks alone"),
    ("further_when", "each further one"),
    ("put_first_hook", "first hook that does nothing"),
    ("further_hook", "each further one"),
    ("first_reader", "first hook that reads a property"),
    ("guard_on_shard", "guard: enter and leave, on a shard"),
    ("guard_off_shard", "guard: enter and leave, elsewhere"),
)
GOALS = (
    ("empty_chain", "empty chain", 2),
    ("further_hook", "one more hook that does nothing", 5),
    ("put_first_when", "first `when` hook that isn't concerned", 1),
    ("further_when", "one more of them", 1),
)


def measure(build, runs):
    tools = build / "bin"
    found = {key: [] for key in ("entry", "message", *(key for key, _ in FIGURES))}
    for _ in range(runs):
        with rig.data_folder(build) as folder:
            costs = rig.run_tool([tools / "gantry_hook_bench", folder])
        for key, _ in FIGURES:
            found[key].append(costs[key])
        filters = rig.run_tool([tools / "gantry_filter_bench"])
        found["entry"].append(filters[f"tag_{TAGS}_entry_ns"])
        found["message"].append(filters[f"tag_{TAGS}_message_ns"])
    return found


def report(found):
    rows = [*FIGURES, ("entry", f"tag filter of {TAGS}: an index entry"),
            ("message", f"tag filter of {TAGS}: a message")]
    for key, what in rows:
        print(figure_line(f"{what:36}", "ns", found[key]))
    goals = [Goal("", what, found[key], limit, unit="ns") for key, what, limit in GOALS]
    print_goals(goals)
    return all(goal.met for goal in goals)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="fewer runs")
    arguments.add_argument("--build", type=pathlib.Path, default=rig.ROOT / ".build" / "bench")
    chosen = arguments.parse_args()
    try:
        found = measure(chosen.build.resolve(), 3 if chosen.quick else RUNS)
    except (rig.Wrong, AssertionError) as wrong:
        print(f"bench hooks: {wrong}", file=sys.stderr)
        return 1
    return 0 if report(found) else 1


if __name__ == "__main__":
    sys.exit(main())
