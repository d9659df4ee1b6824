#!/usr/bin/env python3
"""Changes a copy of the ABI, one deed at a time: the check has to say so, or to let it pass.

usage: faults_test.py lint | asserts | contract | abi | schemas    77 if the check's tool isn't here
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

from faults import CASES, CHECKS
from headers import ABI, absent


def run(folder, command):
    done = subprocess.run([sys.executable, folder / "check" / command[0], *command[1:]],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def change(folder, edits):
    """What could not be changed, or nothing."""
    for name, old, new in edits:
        path = folder / name
        if new is None:
            path.unlink()
            continue
        text = path.read_text()
        if old not in text:
            return f"nothing to change, {name} no longer has {old!r}"
        path.write_text(text.replace(old, new, 1))
    return ""


def went_wrong(case, check):
    check = case.check or check
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "abi"
        shutil.copytree(ABI, folder, ignore=shutil.ignore_patterns("__pycache__"))
        problem = change(folder, case.edits)
        for command in case.then if not problem else ():
            code, output = run(folder, command)
            problem = problem or (f"{command} ended with {code}:\n{output}" if code else "")
        if not problem:
            code, output = run(folder, check)
            expected = 1 if case.says else 0
            if code != expected or not all(words in output for words in case.says):
                problem = (f"expected {check} to end with {expected} and to say {case.says}, "
                           f"got {code}:\n{output}")
    return f"{case.name}: {problem}" if problem else ""


def main():
    which = sys.argv[1] if len(sys.argv) == 2 else ""
    if which not in CHECKS:
        print(__doc__, file=sys.stderr)
        return 2
    tool, check = CHECKS[which]
    if tool and not shutil.which(tool):
        return absent(tool)
    cases = CASES[which]
    failures = [text for text in (went_wrong(case, check) for case in cases) if text]
    print("\n".join(failures) if failures else f"{len(cases)} changes are judged rightly")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
