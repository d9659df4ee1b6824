"""Modules that end their node: the report names them, and after three times the node goes without."""
import json
import signal

import wire
from cases import case, check
from node import STOP_S

SEGMENT_BYTES = 1 << 20
ANSWERS, BAD_ADDRESS, GIVES_UP, NEVER_RETURNS, OVERFLOWS = 9300, 9301, 9302, 9303, 9304
CRASHES_MAX = 3
STALL_MS = 1000  # no other call takes so long, on a busy machine either
NOT_SUPPORTED = 3


def node_with_deadly(lab, **values):
    """A node, not started, that asks the module `deadly` on the broker's door as well."""
    node = lab.node(SEGMENT_BYTES, start=False)
    library = str(lab.build / "lib" / "gantry" / "test-plugins" / "deadly.so")
    text = node.conf.read_text()
    text = text.replace('\nload = [', f'\ncrashes_max = {CRASHES_MAX}\nstall_ms = {STALL_MS}\n'
                        f'load = [{json.dumps(library)}, ', 1)
    text = text.replace('handlers = ["messaging"]', 'handlers = ["messaging", "deadly"]', 1)
    text += "\n[plugins.deadly]\n" + "".join(f"{key} = {json.dumps(value)}\n"
                                             for key, value in values.items())
    node.conf.write_text(text)
    return node


def ask(node, code):
    """The answer's code; nothing when the node ended instead."""
    with wire.Client(node.broker) as client:
        try:
            return client.ask(code)[0]["code"]
        except (wire.Closed, ConnectionError):
            return None


def start_and_crash(node, code):
    """By which signal it ended, and what it said."""
    before = len(node.log()) if node.process else 0
    node.start()
    check(ask(node, ANSWERS) == 0, "the module does not answer")
    check(ask(node, code) is None, f"the node survived {code}")
    return -node.process.wait(STOP_S), node.log()[before:]


@case
def a_module_that_crashes_is_named_and_after_three_times_left_out(lab):
    """Until the operator says otherwise; the node and its data are fine."""
    node = node_with_deadly(lab)
    for _ in range(CRASHES_MAX):
        number, said = start_and_crash(node, BAD_ADDRESS)
        check(number == signal.SIGSEGV, f"ended by signal {number}")
        check("instance deadly\ncapability gantry.request_handler/0\ncall handle\n"
              f"reason signal {number}\n" in said, f"no report in\n{said}")
    node.start()
    check("the last 3 processes crashed inside it, in handle of gantry.request_handler/0" in node.log(),
          "the log doesn't say why the module is left out")
    check(ask(node, ANSWERS) == NOT_SUPPORTED, "the module was asked")
    with wire.Client(node.broker) as client:
        client.create_topic("still_here", 1)
        check(client.send("still_here", 0, b"m")["code"] == 0, "a send was refused")
    node.terminate()
    node.start()
    check(ask(node, ANSWERS) == NOT_SUPPORTED, "a good stop brought the module back")
    node.terminate()
    (node.data / "gantry" / "crashes").unlink()
    node.start()
    check(ask(node, ANSWERS) == 0, "the module stayed out")
    node.terminate()


@case
def a_module_that_overflows_its_stack_is_named(lab):
    """The report needs a stack where the module left none."""
    node = node_with_deadly(lab)
    number, said = start_and_crash(node, OVERFLOWS)
    check(number == signal.SIGSEGV, f"ended by signal {number}")
    check("instance deadly\ncapability gantry.request_handler/0\ncall handle\n"
          f"reason signal {number}\n" in said, f"no report in\n{said}")
    node.start()
    check(f"the last process crashed inside deadly: signal {number}" in node.log(),
          "the next start doesn't tell")
    node.terminate()


@case
def crashes_that_are_not_in_a_row_leave_nothing_out(lab):
    """A good stop between, or another reason."""
    node = node_with_deadly(lab)
    for code in (BAD_ADDRESS, BAD_ADDRESS):
        start_and_crash(node, code)
    node.start()
    node.terminate()
    for code in (BAD_ADDRESS, GIVES_UP):
        start_and_crash(node, code)
    node.start()
    check(ask(node, ANSWERS) == 0, "the module was left out")
    node.terminate()


@case
def a_required_module_is_loaded_however_often_it_crashed(lab):
    """Without it the node would be none."""
    node = node_with_deadly(lab, required=True)
    for _ in range(CRASHES_MAX):
        start_and_crash(node, GIVES_UP)
    node.start()
    check("but it is required, and loaded all the same" in node.log(), "the log doesn't say so")
    check(ask(node, ANSWERS) == 0, "the module does not answer")
    node.terminate()


@case
def a_module_that_never_returns_ends_the_node_with_its_name(lab):
    """A shard that doesn't come back serves nobody; a supervisor can start the node anew."""
    node = node_with_deadly(lab)
    number, said = start_and_crash(node, NEVER_RETURNS)
    check(number == signal.SIGABRT, f"ended by signal {number}")
    check("shard 0 has not come back from deadly for " in said, f"no report in\n{said}")
    check("instance deadly\ncapability gantry.request_handler/0\ncall handle\n" in said,
          f"no report in\n{said}")
    node.start()
    check("the last process crashed inside deadly: shard 0 has not come back" in node.log(),
          "the next start doesn't tell")
    node.terminate()
