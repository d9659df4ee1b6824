#!/usr/bin/env python3
"""Gives the runner clients that can't be had, break or say nothing, and expects its verdicts."""
import argparse
import contextlib
import io
import pathlib
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import alone  # noqa: E402
import cells  # noqa: E402
import network  # noqa: E402
import table  # noqa: E402
from cases import CASES, examples  # noqa: E402,F401
from cells import FAIL, PASS, SKIP  # noqa: E402
from clients import CLIENTS, Client  # noqa: E402
from features import FEATURES  # noqa: E402
from install import Missing  # noqa: E402


class Still:
    """A node and a program that do nothing."""
    outside = False
    nameserver = broker = "127.0.0.1:1"

    def log(self):
        return ""

    def close(self):
        pass


def client(install=lambda: "", offers=("send_sync", "kill"), **fields):
    return Client("client", install, lambda *_: [sys.executable, "-c", ""], tuple(offers), **fields)


def refuse(failure):
    raise failure


def run(made, offers=("send_sync", "kill"), verdicts=None):
    """The verdicts of a run of that client alone."""
    verdicts = verdicts or cells.Verdicts()
    options = argparse.Namespace(outside=Still(), build=None, jobs=1)
    with contextlib.redirect_stdout(io.StringIO()):
        cells.run_all([("client", name) for name in offers], {"client": made}, verdicts, options)
    return verdicts


def check(what, found, wanted):
    if found != wanted:
        sys.exit(f"run_test.py: {what}: {found} instead of {wanted}")


def what_does_not_run_fails():
    for what, failure in (("can't be built", AssertionError("javac failed")),
                          ("ends the thread it runs in", OSError("no such file")),
                          ("leaves without a word", SystemExit())):
        verdicts = run(client(lambda failure=failure: refuse(failure)))
        check(f"a client that {what}", [*verdicts.by_cell.values()], [FAIL, FAIL])
        check(f"the exit code of a client that {what}", verdicts.exit_code(False), 1)
    verdicts = run(client())  # its program ends before it is ready
    check("a program that ends", [*verdicts.by_cell.values()], [FAIL, FAIL])
    with thrown_away("run_features"):
        check("cells that nobody ran", [*run(client()).by_cell.values()], [FAIL, FAIL])


@contextlib.contextmanager
def thrown_away(name):
    """cells.<name> does nothing meanwhile."""
    kept = getattr(cells, name)
    setattr(cells, name, lambda *_: None)
    try:
        yield
    finally:
        setattr(cells, name, kept)


def what_is_missing_is_skipped():
    verdicts = run(client(lambda: refuse(Missing("left-pad (npm): gone"))))
    check("a package that's gone", [*verdicts.by_cell.values()], [SKIP, SKIP])
    check("its exit code", verdicts.exit_code(False), 0)
    check("its exit code when all is required", verdicts.exit_code(True), 1)


def what_is_said_to_fail_has_to():
    turned = cells.TurnedVerdicts()
    with contextlib.redirect_stdout(io.StringIO()):
        turned.ran(("client", "batch"), "as it does", 1)
        turned.ran(("client", "kill"), "", 1)
    check("turned verdicts", turned.by_cell, {("client", "batch"): PASS, ("client", "kill"): FAIL})
    verdicts = run(client(lambda: refuse(AssertionError("javac"))), verdicts=cells.TurnedVerdicts())
    check("what wasn't tried", [*verdicts.by_cell.values()], [FAIL, FAIL])


def every_cell_is_claimed_or_has_a_reason():
    table.check()
    for broken in (client(), client(offers=FEATURES, lacks={"why": "kill"}),
                   client(offers=FEATURES, fails={"why": "flying"})):
        try:
            table.check({"client": broken})
        except AssertionError:
            continue
        check("the check of a client's features", "nothing", "an error")


def the_table_tells_skipped_from_unclaimed():
    python, go = CLIENTS["python"], CLIENTS["go"]
    skipped = {(python.name, "send_sync"): SKIP, (go.name, "send_sync"): FAIL}
    check("a skipped claim", table.mark(python, "send_sync", skipped), "skipped")
    check("a failed claim", table.mark(go, "send_sync", skipped), "FAILED")
    check("a claim not selected", table.mark(go, "kill", skipped), "not run")
    check("no function for it", table.mark(go, "query_id", skipped), "no API")
    check("one that doesn't work", table.mark(python, "batch", skipped), "client fails")
    check("the README", table.readme_is_true(), True)
    altered = table.README.read_text().replace("| client fails |", "| passed |", 1)
    check("a README that claims more", table.readme_is_true(altered), False)


def a_case_without_its_network_is_skipped():
    options = argparse.Namespace(outside=None, own_network=False)
    kept = network.way
    network.way = lambda: (None, "no network namespace can be made here: not permitted")
    try:
        said = alone.reason_to_skip(CASES["example_rpc"], options)
    finally:
        network.way = kept
    check("the reason", said, "no network namespace can be made here: not permitted")


def a_cell_whose_client_crashed_is_tried_again():
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    for crashes, code, wanted in ((True, crash, PASS), (False, crash, FAIL), (True, "", FAIL)):
        tries = []

        def fail_once(bench, _):
            bench.start_program().reader.join()
            tries.append("a try")
            assert len(tries) > 1, "its program has ended"

        kept, cells.run_feature = cells.run_feature, fail_once
        try:
            made = Client("client", lambda: "", lambda *_: [sys.executable, "-c", code],
                          ("send_sync",), crashes=crashes)
            verdicts = run(made, ("send_sync",))
        finally:
            cells.run_feature = kept
        check(f"crashes={crashes}, {code or 'no crash'}", [*verdicts.by_cell.values()], [wanted])


def main():
    what_does_not_run_fails()
    what_is_missing_is_skipped()
    what_is_said_to_fail_has_to()
    every_cell_is_claimed_or_has_a_reason()
    the_table_tells_skipped_from_unclaimed()
    a_case_without_its_network_is_skipped()
    a_cell_whose_client_crashed_is_tried_again()
    return 0


if __name__ == "__main__":
    sys.exit(main())
