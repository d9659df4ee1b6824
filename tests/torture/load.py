"""Producers of numbered messages over many connections, and the journal of what became of each."""
import asyncio
import collections
import hashlib
import random
import resource

import wire

TOPICS = ("torture_a", "torture_b")
QUEUES = 4
POOL_BYTES = 1 << 20
NAME_BYTES = 24
# Answers that promise the message was not stored: malformed, busy, refused by a gate.
NEVER_STORED = (2, 13, 14)
GO_ON = (0, 2)  # stored; space in the log is being prepared

Acked = collections.namedtuple("Acked", "name log_offset")
# An acknowledgement as the socket saw it: `stream_end` bytes of the connection from the node's
# `port`-side peer lead up to its last one.
Answer = collections.namedtuple("Answer", "port stream_end log_offset")


def digest(body):
    return hashlib.blake2b(body, digest_size=8).digest()


def log_offset_of(message_id):
    """Where a message is, says its id: address, port, log offset."""
    return int(message_id[16:32], 16)


class Journal:
    """What was sent and what was answered. Also a line for each acknowledgement in <folder>/acked,
    for who looks at a folder that was kept."""

    def __init__(self, folder, seed):
        self.random = random.Random(seed)
        self.pool = self.random.randbytes(POOL_BYTES)
        self.sent = {}  # name → (topic, queue, digest)
        self.acked = collections.defaultdict(dict)  # (topic, queue) → queue offset → Acked
        self.refused = {}  # name → code
        self.answers = []
        self.twice = []  # queue offsets acknowledged for two messages
        self.lines = open(folder / "acked", "w")

    def next_body(self):
        """A body that begins with its name and is like no other: mostly small, a few very large."""
        name = b"%024x" % len(self.sent)
        size = self.random.choices((300, 3000, 20_000, 200_000), (50, 42, 7, 1))[0]
        at = self.random.randrange(POOL_BYTES - size)
        return name, name + self.pool[at:at + self.random.randrange(size)]

    def note_sent(self, name, topic, queue, body):
        self.sent[name] = topic, queue, digest(body)

    def note_answer(self, name, header, port, stream_end):
        topic, queue, body = self.sent[name]
        if header["code"] != 0:
            self.refused[name] = header["code"]
            return
        fields = header["extFields"]
        if int(fields["queueId"]) != queue:
            raise AssertionError(f"sent to queue {queue}, answered {fields}")
        number, at = int(fields["queueOffset"]), log_offset_of(fields["msgId"])
        kept = self.acked[topic, queue]
        if number in kept:
            self.twice.append((topic, queue, number))
        kept[number] = Acked(name, at)
        self.answers.append(Answer(port, stream_end, at))
        self.lines.write(f"{topic}\t{queue}\t{number}\t{fields['msgId']}\t{body.hex()}\n")

    def acked_count(self):
        return sum(len(numbers) for numbers in self.acked.values())


class Pipeline(asyncio.Protocol):
    """One connection that keeps `depth` requests on their way until it is told to stop. What derives
    says what goes out, by request(), and is told what came back, by answered()."""

    def __init__(self, depth, progress):
        self.depth = depth
        self.progress = progress  # called after each run of answers
        self.buffer = bytearray()
        self.received = 0
        self.waiting = {}  # opaque → what request() said of it
        self.opaque = 0
        self.stopped = False
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]
        for _ in range(self.depth):
            self.send()

    def send(self):
        self.opaque += 1
        code, fields, body, self.waiting[self.opaque] = self.request()
        self.transport.write(wire.frame(wire.json_header(code, self.opaque, fields), body))

    def data_received(self, data):
        self.buffer += data
        for header, _, size in wire.frames(self.buffer):
            self.received += size
            go_on = self.answered(self.waiting.pop(header["opaque"]), header)
            if go_on and not self.stopped and not self.transport.is_closing():
                self.send()
        if self.stopped and not self.waiting:
            self.transport.close()
        self.progress()

    def stop(self):
        """No more is sent; ends when all is answered."""
        self.stopped = True
        if not self.waiting:
            self.transport.close()

    def connection_lost(self, _):
        self.ended.set_result(None)


class Producer(Pipeline):
    def __init__(self, journal, depth, progress):
        super().__init__(depth, progress)
        self.journal = journal

    def request(self):
        topic = self.journal.random.choice(TOPICS)
        queue = self.journal.random.randrange(QUEUES)
        name, body = self.journal.next_body()
        self.journal.note_sent(name, topic, queue, body)
        return wire.SEND, wire.send_fields(topic, queue), body, name

    def answered(self, name, header):
        self.journal.note_answer(name, header, self.port, self.received)
        return header["code"] in GO_ON


async def produce(address, journal, connections, depth, end_when):
    """Keeps producers busy; end_when as with keep_busy()."""
    await keep_busy(address, connections,
                    lambda _, progress: Producer(journal, depth, progress), end_when)


async def keep_busy(address, connections, make, end_when):
    """Keeps connections busy, each a Pipeline: make(its number, progress). end_when(all of them):
    called once they are connected; ends the load, or the node, or returns what does after each run
    of answers. Returns when every connection has ended."""
    loop = asyncio.get_running_loop()
    host, port = address.rsplit(":", 1)
    state = {"progress": lambda: None}
    made = []
    for number in range(connections):
        _, one = await loop.create_connection(
            lambda number=number: make(number, lambda: state["progress"]()), host, int(port))
        made.append(one)
    state["progress"] = end_when(made) or state["progress"]
    await asyncio.gather(*(one.ended for one in made))


def raise_open_files():
    """As many descriptors as this process may have; the node inherits them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
