#!/usr/bin/env python3
"""Breaks a copy of the headers, one fault at a time, and expects the lint to name it."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# file, text to replace once, replacement, part of the finding
FAULTS = (
    ("host/timer.h", "gantry_token timer); /* [any] */", "gantry_token timer);", "found 0"),
    ("host/timer.h", "gantry_token timer); /* [any] */", "gantry_token timer); /* [any] [log] */",
     "found 2"),
    ("cap/metadata_store.h", "/* [any] */\n                        void *context",
     "\n  void *context", "each: a function pointer"),
    ("base.h", "#include <stddef.h>", "#include <stdbool.h>", "<stdbool.h>: only"),
    ("host.h", '#include "gantry/call.h"', '#include "call.h"', '"call.h": only'),
    ("host/clock.h", "/* clock: ", "/* ", "opens with a comment"),
    ("host/clock.h", "#ifndef GANTRY_HOST_CLOCK_H", "#ifndef CLOCK_H",
     "include guard is GANTRY_HOST_CLOCK_H"),
    ("host/clock.h", "/* Growable. */", "/* Times. */", "its comment says Growable"),
    ("cap/queue_index.h", "/* Frozen. The queue's", "/* The queue's", "says Frozen"),
    ("cap/request_handler.h", "its group. Constant; lives as long as the library.", "its group.",
     "gantry_resource.field: a pointer says who owns it"),
    ("host/clock.h", '"gantry.host.clock/0"', '"gantry.host.timer/0"',
     'the id is "gantry.host.clock/'),
    ("call.h", "#define GANTRY_NO_SHARD", "#define GANTRY_ANY_SHARD 7\n#define GANTRY_NO_SHARD",
     "GANTRY_ANY_SHARD has no line in abi/check/constants.c"),
)


def lint(folder):
    run = subprocess.run([sys.executable, str(HERE / "lint"), str(folder)], capture_output=True,
                         text=True)
    return run.returncode, run.stdout


def overlooked(name, old, new, finding):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE.parent / "include" / "gantry", pathlib.Path(folder) / "gantry")
        header = pathlib.Path(folder) / "gantry" / name
        text = header.read_text()
        if old not in text:
            return f"{name}: nothing to break, the header no longer has {old!r}"
        header.write_text(text.replace(old, new, 1))
        code, output = lint(folder)
        if code != 1 or finding not in output:
            return f"{name}: {old!r} became {new!r}, expected {finding!r}, got:\n{output}"
    return ""


def main():
    failures = [text for text in (overlooked(*fault) for fault in FAULTS) if text]
    print("\n".join(failures) if failures else f"{len(FAULTS)} faults are found")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
