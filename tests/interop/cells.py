"""Runs cells of the table: one client's on one node, clients beside one another."""
import concurrent.futures
import pathlib
import tempfile
import threading
import time
import traceback

from features import FEATURES
from install import Missing
from lab import Bench, Lab
from node import Node

PASS, FAIL, SKIP = "PASS", "FAIL", "SKIP"


class Verdicts:
    """(client, feature) → verdict; says each as it comes."""

    def __init__(self):
        self.lock = threading.Lock()
        self.by_cell = {}

    def add(self, cell, verdict, text="", seconds=None):
        with self.lock:
            self.by_cell[cell] = verdict
            first, _, rest = text.partition("\n")
            note = f" ({first})" if first and verdict != FAIL else ""
            took = f" {seconds:.1f} s" if seconds is not None else ""
            print(f"{verdict} {'/'.join(cell)}{took}{note}", flush=True)
            if verdict == FAIL:
                print("  " + f"{first}\n{rest}".rstrip().replace("\n", "\n  "), flush=True)


def run_all(cells, clients, verdicts, options):
    """cells: (client, feature), each a claim: it has a verdict afterwards."""
    by_client = {}
    for client, feature in cells:
        by_client.setdefault(client, []).append(feature)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda name: run_client(clients[name], by_client[name], verdicts, options),
                      by_client))
    for cell in cells:
        if cell not in verdicts.by_cell:
            verdicts.add(cell, FAIL, "it is claimed and did not run")


def run_client(client, features, verdicts, options):
    """All its cells, on a node of its own."""
    try:
        installed = client.install()
    except Missing as why:
        for feature in features:
            verdicts.add((client.name, feature), SKIP, f"missing: {why}")
        return
    except AssertionError as why:
        for feature in features:
            verdicts.add((client.name, feature), FAIL, f"it can't be built: {why}")
        return
    with tempfile.TemporaryDirectory(prefix="gantry-interop-") as name:
        folder = pathlib.Path(name)
        node = options.outside or Node(folder, options.build)
        try:
            bench = Bench(client, installed, node, folder)
            try:
                run_features(bench, features, verdicts)
            finally:
                bench.close()
        finally:
            node.close()


def run_features(bench, features, verdicts):
    """Slow ones beside the others; those that end the node when all others have run."""
    slow = [threading.Thread(target=run_cell, args=(bench, name, verdicts))
            for name in features if FEATURES[name].slow]
    for thread in slow:
        thread.start()
    for name in features:
        if not FEATURES[name].slow and not FEATURES[name].last:
            run_cell(bench, name, verdicts)
    for thread in slow:
        thread.join()
    for name in features:
        if FEATURES[name].last:
            run_cell(bench, name, verdicts)


def run_cell(bench, name, verdicts):
    cell, started = (bench.client.name, name), time.monotonic()
    if FEATURES[name].last and bench.node.outside:
        verdicts.add(cell, SKIP, "it ends the node, and this one is not ours")
        return
    try:
        lab = Lab(bench)
        try:
            FEATURES[name](lab)
        except BaseException:
            lab.stop_quietly()
            raise
        finally:
            lab.close()
        lab.stop_all()
        verdicts.add(cell, PASS, seconds=time.monotonic() - started)
    except Missing as why:
        verdicts.add(cell, SKIP, f"missing: {why}")
    except Exception as why:
        log = bench.node.log()[-4000:]
        verdicts.add(cell, FAIL, f"{why}\n{traceback.format_exc()}" +
                     (f"the node's log:\n{log}" if log else ""), time.monotonic() - started)
