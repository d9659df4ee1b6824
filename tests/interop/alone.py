"""Cases with a node of their own: they end it, or send what no client would."""
import pathlib
import random
import tempfile
import traceback

import install
import java
from cases import CASES
from cells import FAIL, PASS, SKIP
from node import OFFSET_FLUSH_MS, Node


class Lab:
    """What a case works with: a node, a folder, programs. Everything in it ends with the case."""

    # What a consumer committed this long ago survives kill -9: it was flushed, then written.
    offsets_durable_s = 4 * OFFSET_FLUSH_MS / 1000

    def __init__(self, folder, build, outside=None, node=True):
        self.folder = folder
        self.programs = []
        self.outside = outside is not None
        self.unique = f"{random.randrange(1 << 32):08x}"
        self.build = build
        self.node = outside or (Node(folder, build) if node else None)

    def name(self, stem):
        return f"interop_{stem}_{self.unique}"

    def producer(self, options, topic, first=0, count=0):
        return self.add(java.Producer(self.folder, options, self.node.nameserver, topic, first, count))

    def consumer(self, options, group, topic, most=0):
        return self.add(
            java.Consumer(self.folder, options, self.node.nameserver, group, topic, most))

    def example(self, main):
        return self.add(java.Example(self.folder, main, self.node.nameserver))

    def add(self, program):
        self.programs.append(program)
        return program

    def close(self):
        for program in self.programs:
            program.close()
        if self.node:
            self.node.close()


def run_all(names, verdicts, options):
    for name in names:
        skip = reason_to_skip(CASES[name], options.outside)
        passed, said = (True, skip) if skip else run_case(
            CASES[name], options.outside, options.build)
        verdicts.add((name,), SKIP if skip else PASS if passed else FAIL, said or "")


def run_case(function, outside, build):
    """(whether it passed, what it said or what went wrong)."""
    with tempfile.TemporaryDirectory(prefix="gantry-interop-") as name:
        folder, lab = pathlib.Path(name), None
        try:
            lab = Lab(folder, build, outside, function.node)
            return True, function(lab)
        except Exception:
            log = lab.node.log() if lab and lab.node else ""
            return False, traceback.format_exc() + (
                f"the node's log:\n{log[-20_000:]}" if log else "")
        finally:
            if lab:
                lab.close()


def reason_to_skip(function, outside):
    if outside and (function.restarts or not function.node):
        return "it starts a node of its own"
    if function.needs and not function.needs.is_dir():
        return f"no golden data at {function.needs}: set GANTRY_GOLDEN"
    if function.java:
        try:
            install.java(java.VERSION)
            install.java_tools(java.VERSION)
        except install.Missing as why:
            return f"missing: {why}"
    return ""
