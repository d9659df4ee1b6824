"""Under SYNC_FLUSH an acknowledgement leaves when the device has the message, and not before."""
import asyncio
import bisect
import collections

import load
import wire
from cases import case, check
from interpose import FLUSH, SEND, WRITE
from node import STOP_S
from readback import Readback, Tally, verified

CONNECTIONS = 64
DEPTH = 4
ACKNOWLEDGED = 4000
SERVICE_NOT_AVAILABLE = 14
SEGMENT_BYTES = 1 << 20
# Two of them are less than what is prepared before the doors open: no flush is the preparer's.
SMALL_SEGMENT_BYTES = 1 << 18
TOPIC = load.TOPICS[0]


@case
def no_acknowledgement_before_its_flush(lab):
    """Of each acknowledgement: the last write of its bytes, a flush of that file which began behind
    it and returned, the send of the answer which began behind that."""
    node = lab.node(SEGMENT_BYTES, start=False)
    interposer = lab.interposer()
    interposer.start(node)
    journal = load.Journal(lab.folder, lab.seed)
    asyncio.run(load_until_acknowledged(node, journal))
    readback = Readback(journal)
    tally = readback.compare(node.broker)
    node.terminate()
    trace = Trace(interposer.events())
    for answer in journal.answers:
        trace.check(answer, readback.sizes[answer.log_offset])
    lab.say(f"{len(journal.answers)} acknowledgements, {trace.flush_count} flushes of log files")
    check(len(journal.answers) >= ACKNOWLEDGED, "too few sends were acknowledged")
    verified(node, tally)
    return tally


async def load_until_acknowledged(node, journal):
    def end_when(producers):
        def progress():
            if journal.acked_count() >= ACKNOWLEDGED:
                for producer in producers:
                    producer.stop()
        return progress
    await load.produce(node.broker, journal, CONNECTIONS, DEPTH, end_when)


class Trace:
    """The node's writes and flushes of log files, and what it sent to each peer."""

    def __init__(self, events):
        self.writes = collections.defaultdict(list)   # file → events in the order of their begin
        self.flushes = collections.defaultdict(list)  # file → begins; and ends, if they returned 0
        self.sends = collections.defaultdict(list)    # port → (bytes before and with it, begin)
        self.flush_count = 0
        for event in events:
            log_offset = int(event.name) if event.in_log else None
            if event.kind == SEND and event.size > 0:
                sent = self.sends[event.port]
                sent.append(((sent[-1][0] if sent else 0) + event.size, event.begin_ns))
            elif event.kind == WRITE and log_offset is not None:
                self.writes[log_offset].append(event)
            elif event.kind == FLUSH and log_offset is not None and event.size == 0:
                self.flushes[log_offset].append((event.begin_ns, event.end_ns))
                self.flush_count += 1

    def check(self, answer, size):
        file = answer.log_offset // SEGMENT_BYTES * SEGMENT_BYTES
        at = answer.log_offset - file
        written = [event.end_ns for event in self.writes[file]
                   if event.position < at + size and at < event.position + event.size]
        check(written, f"log offset {answer.log_offset}: nobody wrote its {size} bytes")
        flushes = self.flushes[file]
        behind = flushes[bisect.bisect_left(flushes, (max(written), 0)):]
        sent = self.sends[answer.port]
        index = bisect.bisect_left(sent, (answer.stream_end, 0))
        check(index < len(sent), f"port {answer.port}: sent {sent[-1:]}, read {answer.stream_end}")
        flushed = min((ended for _, ended in behind), default=None)
        check(flushed is not None and flushed <= sent[index][1],
              f"log offset {answer.log_offset}: written until {max(written)}, flushed at {flushed}, "
              f"acknowledged at {sent[index][1]}")


class Held:
    """Clients of a node whose flushes wait: each asks and is answered while its send is not."""

    def __init__(self, node):
        self.node = node

    def client(self):
        return wire.Client(self.node.broker)

    @staticmethod
    def send(client, body):
        """Sends a message and returns before it is answered; its opaque."""
        client.opaque += 1
        fields = wire.send_fields(TOPIC, 0)
        client.raw(wire.frame(wire.json_header(wire.SEND, client.opaque, fields), body))
        return client.opaque

    @staticmethod
    def answer_to(client, opaque):
        header, _ = client.answer()
        check(header["opaque"] == opaque, f"answer to {header['opaque']} came before {opaque}")
        return header


def visible(client):
    """How many messages readers see. Asked and answered behind a send on the same connection, it
    also shows that the send's answer had not left before."""
    header, _ = client.ask(30, {"topic": TOPIC, "queueId": "0"})
    check(header["code"] == 0, f"the greatest offset was answered {header}")
    return int(header["extFields"]["offset"])


@case
def a_held_flush_holds_its_acknowledgements(lab):
    """Nothing is answered, and nothing readable, while the device is asked; one flush lets go what
    was written when it began."""
    node = lab.node(SMALL_SEGMENT_BYTES, start=False)
    interposer = lab.interposer()
    interposer.start(node)
    held = Held(node)
    with held.client() as first, held.client() as second:
        header = first.send(TOPIC, 0, b"makes the topic")
        check(header["code"] == 0, f"the first send was answered {header}")
        interposer.hold()
        earlier = held.send(first, b"earlier")
        interposer.wait_until_held()
        check(visible(first) == 1, "a message that is not durable is visible")
        later = held.send(second, b"later")
        check(visible(second) == 1, "a message that is not durable is visible")
        check(not interposer.is_held(), "a second flush began beside the first")
        interposer.permit()
        header = held.answer_to(first, earlier)
        check(header["code"] == 0, f"the earlier send was answered {header}")
        interposer.wait_until_held()
        check(visible(second) == 2, "the later message is visible before its flush")
        interposer.permit()
        header = held.answer_to(second, later)
        check(header["code"] == 0, f"the later send was answered {header}")
        check(visible(first) == 3, "an acknowledged message is not visible")
    interposer.release()
    node.terminate()


@case
def a_failed_flush_is_said_and_survived(lab):
    """The device fails once: the sends it was for are answered as failed, nothing more is taken, the
    node ends and says how to go on. What was acknowledged is there after a restart."""
    node = lab.node(SMALL_SEGMENT_BYTES, start=False)
    interposer = lab.interposer()
    interposer.start(node)
    held = Held(node)
    with held.client() as first, held.client() as second:
        for body in (b"one", b"two"):
            check(first.send(TOPIC, 0, body)["code"] == 0, "a healthy node refused a send")
        interposer.hold()
        failing = held.send(first, b"failing")
        interposer.wait_until_held()
        behind = held.send(second, b"behind")
        check(visible(second) == 2, "a message that is not durable is visible")
        interposer.fail_next()
        interposer.release()
        interposer.permit()
        for client, opaque in ((first, failing), (second, behind)):
            code = held.answer_to(client, opaque)["code"]
            lab.say(f"a send that the failed flush concerned was answered {code}")
            check(code != 0, "a send was acknowledged by a flush that failed")
        refused(lab, first)
    code = node.process.wait(STOP_S)
    check(code == 1, f"the node ended with {code}")
    for words in ("cannot sync", "Input/output error", "start the node again"):
        check(words in node.log(), f"the node did not say: {words}")
    tally = Tally()
    lab.say(verified(node, tally))
    node.start()
    with held.client() as client:
        bodies = wire.pull_all(client, TOPIC, 0)
        check(bodies[:2] == [b"one", b"two"], f"acknowledged were one and two, read {bodies}")
        header = client.send(TOPIC, 0, b"three")
        check(header["code"] == 0, f"a send after the restart was answered {header}")
        check(wire.pull_all(client, TOPIC, 0)[-1] == b"three", "the new message is not the last")
    node.terminate()
    verified(node, tally)
    return tally


def refused(lab, client):
    """Sends until the node, which is ending, closes: each is refused."""
    try:
        while True:
            code = client.send(TOPIC, 0, b"after the failure")["code"]
            lab.say(f"a send after the failure was answered {code}")
            check(code == SERVICE_NOT_AVAILABLE, f"a send after the failure was answered {code}")
    except wire.Closed:
        pass
