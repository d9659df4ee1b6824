"""Cases with a node of their own: they end it, or send what no client would."""
import pathlib
import random
import subprocess
import sys
import tempfile
import traceback

import install
import java
import network
from cases import CASES
from cells import FAIL, PASS, SKIP
from node import OFFSET_FLUSH_MS, Node


NAMESERVER_PORT = 9876  # that RocketMQ's examples name


class Lab:
    """What a case works with: a node, a folder, programs. Everything in it ends with the case."""

    # What a consumer committed this long ago survives kill -9: it was flushed, then written.
    offsets_durable_s = 4 * OFFSET_FLUSH_MS / 1000

    def __init__(self, folder, build, outside=None, node=True, nameserver=None):
        self.folder = folder
        self.programs = []
        self.outside = outside is not None
        self.unique = f"{random.randrange(1 << 32):08x}"
        self.build = build
        self.node = outside or (Node(folder, build, nameserver=nameserver) if node else None)

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
        skip = reason_to_skip(CASES[name], options)
        passed, said = (True, skip) if skip else run_case(name, options)
        verdicts.add((name,), SKIP if skip else PASS if passed else FAIL, said or "")


def run_case(name, options):
    """(whether it passed, what it said or what went wrong)."""
    if CASES[name].network and not options.own_network:
        return run_in_own_network(name, options)
    with tempfile.TemporaryDirectory(prefix="gantry-interop-") as folder:
        return run_in(pathlib.Path(folder), CASES[name], options)


def run_in(folder, function, options):
    lab = None
    try:
        lab = Lab(folder, options.build, options.outside, function.node,
                  NAMESERVER_PORT if function.network else None)
        return True, function(lab)
    except Exception:
        log = lab.node.log() if lab and lab.node else ""
        return False, traceback.format_exc() + (f"the node's log:\n{log[-20_000:]}" if log else "")
    finally:
        if lab:
            lab.close()


def run_in_own_network(name, options):
    """The same, with another `run`, which is told to end when this one is."""
    words, _ = network.way()
    run = subprocess.Popen(
        [*words, sys.executable, install.HERE / "run", "--own-network", "--build", options.build, name],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said, _ = run.communicate()
    except BaseException:
        run.terminate()
        run.communicate()
        raise
    return run.returncode == 0, "" if run.returncode == 0 else said


def reason_to_skip(function, options):
    if options.outside and (function.restarts or function.network or not function.node):
        return "it starts a node of its own"
    if function.network and not options.own_network and network.way()[1]:
        return network.way()[1]
    if function.needs and not function.needs.is_dir():
        return f"no golden data at {function.needs}: set GANTRY_GOLDEN"
    if function.java:
        try:
            install.java(java.VERSION)
            install.java_tools(java.VERSION)
        except install.Missing as why:
            return f"missing: {why}"
    return ""
