"""Runs cells of the table: one client's on one node, clients beside one another."""
import concurrent.futures
import pathlib
import tempfile
import threading
import time
import traceback

from features import FEATURES, filtering
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

    def ran(self, cell, why_not, seconds, note=""):
        """A cell ran to its end, or didn't get there."""
        self.add(cell, FAIL if why_not else PASS, why_not or note, seconds)

    def exit_code(self, require):
        """require: what is skipped is bad, too."""
        bad = [FAIL, SKIP] if require else [FAIL]
        return 1 if any(verdict in bad for verdict in self.by_cell.values()) else 0


class TurnedVerdicts(Verdicts):
    """Of cells that are said to fail: one that passes ought to be claimed."""

    def ran(self, cell, why_not, seconds, note=""):
        first = why_not.partition("\n")[0]
        self.add(cell, PASS if why_not else FAIL,
                 f"fails, as the table says: {first}" if why_not else "it passes: claim it", seconds)


def run_all(cells, clients, verdicts, options):
    """cells: (client, feature), each a claim: it has a verdict afterwards."""
    by_client = {}
    for client, feature in cells:
        by_client.setdefault(client, []).append(feature)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {name: pool.submit(run_client, clients[name], by_client[name], verdicts, options)
                   for name in by_client}
    for client, feature in cells:
        if (client, feature) not in verdicts.by_cell:
            why = running[client].exception()
            verdicts.add((client, feature), FAIL, "it is claimed and did not run" + (
                "\n" + "".join(traceback.format_exception(why)) if why else ""))


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
        node = options.outside or Node(folder, options.build, filtering.SETTINGS)
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
    if bench.node.outside and (FEATURES[name].last or FEATURES[name].gantry):
        why = "it ends the node" if FEATURES[name].last else "only Gantry has it"
        verdicts.add(cell, SKIP, f"{why}, and this node is not ours")
        return
    try:
        try:
            run_feature(bench, name)
            again = ""
        except Exception:
            # A crash ends all cells of its program; what this one saw of it doesn't matter.
            if not bench.client.crashes or not bench.crashed_since(started):
                raise
            run_feature(bench, name)
            again = "at the second try: its program had crashed"
        verdicts.ran(cell, "", time.monotonic() - started, again)
    except Missing as why:
        verdicts.add(cell, SKIP, f"missing: {why}")
    except Exception as why:
        log = bench.node.log()[-4000:]
        verdicts.ran(cell, f"{why}\n{traceback.format_exc()}" +
                     (f"the node's log:\n{log}" if log else ""), time.monotonic() - started)


def run_feature(bench, name):
    lab = Lab(bench)
    try:
        FEATURES[name](lab)
    except BaseException:
        lab.stop_quietly()
        raise
    finally:
        lab.close()
    lab.stop_all()
