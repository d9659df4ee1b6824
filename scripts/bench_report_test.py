#!/usr/bin/env python3
"""What scripts/bench_report.py prints of goals."""
import contextlib
import io
import sys

from bench_report import Goal, print_goals

GOALS = [Goal("G1", "named and missed", [3], 2), Goal("G2", "named and met", [1], 2),
         Goal("G1", "of the same name", [3], 2), Goal("", "missed without a name", [90], 50),
         Goal("", "met without a name", [9], 50), Goal("G3", "too little", [1], 2, at_least=True)]
# goals, the end of what is printed
CASES = (
    (GOALS, "\n6 figures with a goal, 4 missed it (G1, G3, missed without a name). They depend on "
            "the machine and on who else uses it.\n"),
    (GOALS[1:2], "\n1 figures with a goal, 0 missed it\n"),
)


def printed(goals):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        print_goals(goals)
    return out.getvalue()


def main():
    wrong = [(end, text) for goals, end in CASES if not (text := printed(goals)).endswith(end)]
    for end, text in wrong:
        print(f"this should end with {end!r}:\n{text}")
    print(f"{len(CASES)} cases, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
