#!/usr/bin/env python3
"""The broker's sends beside what the machine can do at best, in one run.

usage: bench_log.py [--quick] [--build FOLDER]

Each repetition runs everything once, yardsticks and broker in turn, so that a slow moment of the
machine hits all of them. Exit code 1 when something is wrong (an answer lost, a server dead), not
when a goal is missed.
"""
import argparse
import os
import pathlib
import resource
import sys
from contextlib import ExitStack, closing

import bench_rig as rig
from bench_report import Goal, figure_line, load_line, print_goals, ratios

ASYNC_SHAPES = ((64, 1), (64, 32))
SYNC_SHAPES = ((1, 1), (16, 1), (64, 1), (256, 1), (64, 32))
IDLE_CONNECTIONS = 10_000
RAW_SHAPES = ((1, 1), (16, 1))  # compared with fdatasync alone
FILES_OF_A_NODE = 500
SYNC_OVERHEAD_BYTES = 8 * 1024  # what the file system may write of its own


class Plan:
    """How long and how often."""

    def __init__(self, quick):
        self.repetitions = 1 if quick else 5
        self.load_s = 0.6 if quick else 3.0
        self.floor_s = 0.6 if quick else 2.0
        self.stall_s = 2.0 if quick else 10.0
        self.idle_s = 2.0 if quick else 5.0
        self.copy_mb = 128 if quick else 512
        self.syncs = 100 if quick else 500


class Repetition:
    """One round of everything. Loads are in `loads`, by server and shape; the rest in `found`."""

    def __init__(self, build, folder, plan, turn):
        self.build = build
        self.tools = build / "bin"
        self.folder = folder
        self.plan = plan
        self.turn = turn
        self.loads = {}
        self.found = {}

    def run(self):
        self.in_memory()
        self.log_alone()
        self.synced()

    def load(self, name, server, shape, *more):
        self.loads[name, shape] = rig.load(self.tools, server, *shape, self.plan.load_s, *more)

    def in_memory(self):
        """What needn't wait for the disk. Who comes first changes from turn to turn."""
        with ExitStack() as stack:
            echo = stack.enter_context(closing(rig.Yardstick(self.tools, "echo")))
            mini = stack.enter_context(closing(rig.Yardstick(self.tools, "mini", self.folder)))
            broker = stack.enter_context(closing(rig.Broker(self.build, self.folder / "async")))
            runs = [("echo", echo, ()), ("mini", mini, ()),
                    ("noop", broker, ("--code", rig.NOOP_CODE)), ("async", broker, ())]
            first = self.turn % len(runs)
            runs = runs[first:] + runs[:first]
            self.idle(broker)
            for shape in ASYNC_SHAPES:
                for name, server, more in runs:
                    self.load(name, server, shape, *more)
            self.load("async", broker, (256, 1))
            broker.terminate()

    def idle(self, broker):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        count = IDLE_CONNECTIONS
        if limit != resource.RLIM_INFINITY:
            count = min(count, limit - FILES_OF_A_NODE)
        before = rig.anonymous_bytes(broker.process)
        with rig.held(self.tools, broker, count, "used", "--code", rig.NOOP_CODE):
            self.found["idle_bytes"] = (rig.anonymous_bytes(broker.process) - before) / count
            self.found["idle_cpu"] = rig.idle_cpu(broker, self.plan.idle_s)
        self.found["idle_count"] = count

    def log_alone(self):
        floor = [self.tools / "gantry_floor"]
        append = [self.tools / "gantry_append_bench", "--folder", self.folder]
        copied = rig.run_tool(floor + ["memcpy", "--mb", self.plan.copy_mb], rig.SERVER_CORE)
        cost = rig.run_tool(append + ["cost", "--mb", self.plan.copy_mb], rig.SERVER_CORE)
        # On all cores: the log's own threads must not stand in the appender's way.
        stall = rig.run_tool(append + ["stall", "--seconds", self.plan.stall_s], core=None)
        synced = rig.run_tool(append + ["sync", "--syncs", self.plan.syncs], rig.SERVER_CORE)
        fresh = rig.run_tool(floor + ["fresh", "--folder", self.folder, "--mb", self.plan.copy_mb],
                             rig.SERVER_CORE)
        self.found["fresh_ns"] = fresh["ns_per_kib"]
        self.found["copy_ns"] = copied["ns_per_record"]
        self.found["append_ns"] = cost["ns_per_record"]
        self.found["stall_ms"] = stall["p99_9_ms"]
        self.found["stall_busy"] = stall["busy"]
        self.found["sync_bytes"] = synced["device_bytes"] or synced["process_bytes"]
        self.found["sync_bytes_appended"] = synced["appended_bytes"]

    def synced(self):
        os.sync()  # what the loads before left to be written
        with closing(rig.Broker(self.build, self.folder / "sync", "sync")) as broker:
            for shape in SYNC_SHAPES:
                if shape in RAW_SHAPES:
                    self.found["raw", shape] = rig.run_tool(
                        [self.tools / "gantry_floor", "sync", "--folder", self.folder,
                         "--seconds", self.plan.floor_s], rig.SERVER_CORE)
                self.load("sync", broker, shape)
            broker.terminate()


def text_of(shape):
    return f"{shape[0]} x {shape[1]}"


class Series:
    """What all repetitions found."""

    def __init__(self, repetitions):
        self.repetitions = repetitions

    def of(self, key):
        return [each.found[key] for each in self.repetitions]

    def raw(self, key, shape):
        return [each.found["raw", shape][key] for each in self.repetitions]

    def loads(self, name, shape):
        return [each.loads[name, shape] for each in self.repetitions]

    def load(self, key, name, shape):
        return [sample[key] for sample in self.loads(name, shape)]

    def cpu(self, above, below, shape):
        return ratios(self.load("server_cpu_us", above, shape),
                      self.load("server_cpu_us", below, shape))

    def print_figures(self):
        for name, shape in self.repetitions[0].loads:
            print(load_line(f"{name} {text_of(shape)}", self.loads(name, shape)))
        for name, unit, values in (
                ("fdatasync of 1 KiB", "per second", self.raw("per_second", (1, 1))),
                ("copy and CRC", "ns a record", self.of("copy_ns")),
                ("append", "ns a record", self.of("append_ns")),
                ("fresh pages of a file", "ns a KiB", self.of("fresh_ns")),
                ("append, no space", "slices late", self.of("stall_busy"))):
            print(figure_line(name, unit, values))

        for shape in ASYNC_SHAPES:
            shard = [sample["server_threads_us"]["shard"] for sample in self.loads("async", shape)]
            print(figure_line(f"async's shard {text_of(shape)}", "x mini",
                              ratios(shard, self.load("server_cpu_us", "mini", shape))))

    def goals(self):
        return [*self.cpu_goals(), *self.sync_goals(), *self.log_goals(), *self.idle_goals()]

    def cpu_goals(self):
        for server, yardstick, name, limits in (("async", "echo", "G1", (1.4, 5.7)),
                                                ("async", "mini", "G1", (1.15, 1.25)),
                                                ("noop", "echo", "G2", (1.15, 2.0))):
            for shape, limit in zip(ASYNC_SHAPES, limits):
                yield Goal(name, f"{server}: CPU, against {yardstick}, {text_of(shape)}",
                           self.cpu(server, yardstick, shape), limit)

    def sync_goals(self):
        yield Goal("G3", "sync: rate, against fdatasync alone, 1 x 1",
                   ratios(self.load("per_second", "sync", (1, 1)),
                          self.raw("per_second", (1, 1))), 0.55, at_least=True)
        for shape, limit in (((64, 1), 0.25), ((256, 1), 0.45), ((64, 32), 0.6)):
            yield Goal("G3", f"sync: rate, against async, {text_of(shape)}",
                       ratios(self.load("per_second", "sync", shape),
                              self.load("per_second", "async", shape)), limit, at_least=True)
        yield Goal("G4", "sync: p50, against fdatasync alone, 16 x 1",
                   ratios(self.load("p50_us", "sync", (16, 1)), self.raw("p50_us", (16, 1))), 4)

    def log_goals(self):
        yield Goal("G5", "append: CPU, against copy and CRC",
                   ratios(self.of("append_ns"), self.of("copy_ns")), 1.5)
        yield Goal("G5", "append at 200 MB/s: p99.9 late, flushed each 500 ms",
                   self.of("stall_ms"), 1, unit=" ms")
        appended = self.of("sync_bytes_appended")[0]
        yield Goal("G6", f"device bytes per sync of {appended / 1024:.0f} KiB",
                   [value / 1024 for value in self.of("sync_bytes")],
                   (2 * appended + SYNC_OVERHEAD_BYTES) / 1024, unit=" KiB")

    def idle_goals(self):
        count = min(self.of("idle_count"))
        yield Goal("G11", f"memory of an idle connection, {count:,} held",
                   [value / 1024 for value in self.of("idle_bytes")], 4, unit=" KiB")
        yield Goal("G11", f"CPU while {count:,} are idle, % of a core",
                   [value * 100 for value in self.of("idle_cpu")], 0.1, unit=" %")


def measure(build, plan):
    repetitions = []
    for turn in range(plan.repetitions):
        with rig.data_folder(build) as folder:
            repetition = Repetition(build, folder, plan, turn)
            repetition.run()
        repetitions.append(repetition)
        print(f"repetition {turn + 1} of {plan.repetitions}", file=sys.stderr, flush=True)
    return Series(repetitions)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="once, in short runs")
    arguments.add_argument("--build", type=pathlib.Path, default=rig.ROOT / ".build" / "bench")
    chosen = arguments.parse_args()
    print(f"server on core {rig.SERVER_CORE}, load on core {rig.LOAD_CORE}"
          + ("" if len(rig.CORES) > 1 else ": the only one, so figures say little"))
    try:
        series = measure(chosen.build.resolve(), Plan(chosen.quick))
    except (rig.Wrong, AssertionError) as wrong:
        print(f"bench log: {wrong}", file=sys.stderr)
        return 1
    series.print_figures()
    print_goals(list(series.goals()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
