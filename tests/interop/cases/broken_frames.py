"""Frames no client would send: each is answered as it should be or ends its connection, and a client
beside them loses nothing."""
import struct
import threading

import wire
from cases import case, check

CLOSED = "closed"
SILENT = "silent"    # no answer, and the connection stays
REFUSED = "refused"  # with any code but success
BEHIND = 4711        # opaque of the request behind each frame
DEEP = 10_000


def header(text):
    return wire.frame(text.encode())


def compact(code=105, remark=0, ext=0, rest=b""):
    return wire.frame(struct.pack(">hbhiiii", code, 0, 479, 1, 0, remark, ext) + rest,
                      kind=wire.COMPACT)


def word(length, kind, header_length):
    return struct.pack(">iI", length, kind << 24 | header_length)


# What it is, the bytes, what may come of it.
FRAMES = (
    ("one byte more than a frame may have", word(16 * 1024 * 1024 - 3, 0, 10), {CLOSED}),
    ("the largest length", word(0x7FFFFFFF, 0, 10), {CLOSED}),
    ("length -1", word(-1, 0, 10), {CLOSED}),
    ("the smallest length", word(-2**31, 0, 10), {CLOSED}),
    ("length 0", word(0, 0, 0) + bytes(64), {CLOSED}),
    ("length 3", word(3, 0, 0) + bytes(64), {CLOSED}),
    ("a header longer than the frame", word(20, 0, 100) + b"{" * 200, {CLOSED}),
    ("a header of 16 MiB in a frame of 20", word(20, 0, 0xFFFFFF) + bytes(16), {CLOSED}),
    ("no header at all", word(4, 0, 0), {CLOSED}),
    ("serialization 7", word(20, 7, 10) + bytes(16), {CLOSED}),
    ("serialization 255", word(20, 255, 10) + bytes(16), {CLOSED}),
    ("another protocol", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", {CLOSED}),
    ("JSON cut in a key", header('{"code":105,"opa'), {CLOSED}),
    ("JSON cut in a string", header('{"code":105,"opaque":1,"remark":"x'), {CLOSED}),
    ("JSON cut in a number", header('{"code":10'), {CLOSED}),
    ("JSON that is a list", header("[105]"), {CLOSED}),
    ("bytes that are no JSON", wire.frame(b"\x00\x01\x02\xff" * 8), {CLOSED}),
    ("a code that fits no integer", header('{"code":99999999999999999999,"opaque":1,"flag":0}'),
     {CLOSED, REFUSED}),
    ("lists 10,000 deep", header('{"code":999,"opaque":1,"flag":0,"x":' + "[" * DEEP + "]" * DEEP
                                 + "}"), {CLOSED, REFUSED}),
    ("objects 10,000 deep, never closed", header('{"x":' * DEEP), {CLOSED}),
    ("a heartbeat 10,000 deep", wire.frame(wire.json_header(wire.HEARTBEAT, 1, {}), b"[" * DEEP),
     {REFUSED}),
    ("a heartbeat without a body", wire.frame(wire.json_header(wire.HEARTBEAT, 1, {})), {REFUSED}),
    ("a heartbeat that is no JSON", wire.frame(wire.json_header(wire.HEARTBEAT, 1, {}), b"\x00\xff"),
     {REFUSED}),
    ("a send without fields", wire.frame(wire.json_header(wire.SEND, 1, {})), {REFUSED}),
    ("a pull without fields", wire.frame(wire.json_header(wire.PULL, 1, {})), {REFUSED}),
    ("a pull of a queue that is no number", wire.frame(wire.json_header(wire.PULL, 1, {
        "consumerGroup": "g", "topic": "t", "queueId": "x", "queueOffset": "0", "maxMsgNums": "1",
        "sysFlag": "0", "commitOffset": "0", "suspendTimeoutMillis": "0", "subVersion": "0"})),
     {REFUSED}),
    ("an unknown code", wire.frame(wire.json_header(9999, 1, {})), {3}),
    ("a negative code", wire.frame(wire.json_header(-1, 1, {})), {3}),
    ("an answer nobody asked for", wire.frame(wire.json_header(0, 77, {}, flag=1)), {SILENT}),
    ("compact, cut after 10 bytes", wire.frame(bytes(10), kind=wire.COMPACT), {CLOSED}),
    ("compact, remark of -1 bytes", compact(remark=-1), {CLOSED}),
    ("compact, remark longer than the header", compact(remark=1000), {CLOSED}),
    ("compact, fields of -1 bytes", compact(ext=-1), {CLOSED, REFUSED}),
    ("compact, fields longer than the header", compact(ext=1000), {CLOSED}),
    ("compact, a key longer than the fields", compact(ext=4, rest=b"\x7f\xffab"), {CLOSED}),
    ("compact, a key of -1 bytes", compact(ext=6, rest=b"\xff\xffabcd"), {CLOSED}),
    ("compact, a value longer than the fields",
     compact(ext=8, rest=b"\x00\x01a\x7f\xff\xff\xffb"), {CLOSED}),
    ("compact, a value of -1 bytes", compact(ext=8, rest=b"\x00\x01a\xff\xff\xff\xffb"), {CLOSED}),
)


def outcome(address, data, awaited):
    """What became of a frame: closed, or the code it was answered with. A harmless request behind it
    tells a connection that stayed from one that didn't; it alone is answered if none is awaited."""
    codes = {}
    try:
        with wire.Client(address) as client:
            client.raw(data + wire.frame(wire.json_header(9998, BEHIND, {})))
            while BEHIND not in codes or (awaited and len(codes) == 1):
                header = client.answer()[0]
                codes[header["opaque"]] = header["code"]
    except wire.Closed:
        return CLOSED
    codes.pop(BEHIND)
    return next(iter(codes.values()), SILENT)


def fits(found, allowed):
    refused = isinstance(found, int) and found != 0
    return found in allowed or (REFUSED in allowed and refused)


class Beside(threading.Thread):
    """A client that sends one message after the other while others misbehave."""

    def __init__(self, address, topic):
        super().__init__(daemon=True)
        self.address, self.topic = address, topic
        self.finish = threading.Event()
        self.sent, self.failure = [], None

    def run(self):
        try:
            with wire.Client(self.address) as client:
                while not self.finish.is_set() or len(self.sent) < 100:
                    body = f"beside-{len(self.sent)}".encode()
                    header = client.send(self.topic, 0, body)
                    check(header["code"] == 0, f"send {len(self.sent)} was answered {header}")
                    self.sent.append(body)
        except Exception as failure:  # told on the case's own thread
            self.failure = failure

    def end(self):
        self.finish.set()
        self.join(60)
        check(not self.is_alive(), "the client beside hangs")
        check(self.failure is None, f"the client beside failed: {self.failure!r}")


@case()
def broken_frames(lab):
    beside = Beside(lab.node.broker, lab.name("topic"))
    beside.start()
    wrong = []
    host, port = lab.node.broker.rsplit(":", 1)
    for door in (lab.node.broker, f"{host}:{int(port) - 2}", lab.node.nameserver):
        for what, data, allowed in FRAMES:
            # Only a broker knows sends, pulls and heartbeats; elsewhere they are unknown codes.
            found = outcome(door, data, awaited=allowed != {SILENT})
            if not fits(found, allowed):
                wrong.append(f"{door}: {what}: expected {allowed}, got {found}")
    beside.end()
    with wire.Client(lab.node.broker) as client:
        stored = wire.pull_all(client, beside.topic, 0)
    lab.node.check_alive()
    check(not wrong, "\n".join(wrong))
    check(stored == beside.sent, f"{len(beside.sent)} were acknowledged, {len(stored)} came back")


@case()
def cut_connections(lab):
    """Connections that end inside a frame, at every byte of it, leave nothing behind."""
    data = wire.frame(wire.json_header(9999, 1, {"key": "value"}), b"body")
    for size in range(len(data)):
        with wire.Client(lab.node.broker) as client:
            client.raw(data[:size])
            client.finish()
            try:
                client.answer()
                raise AssertionError(f"{size} of {len(data)} bytes were answered")
            except wire.Closed:
                pass
    with wire.Client(lab.node.broker) as client:
        for byte in data:  # and a frame that comes byte by byte is a frame
            client.raw(bytes([byte]))
        check(client.answer()[0]["code"] == 3, "a frame in pieces was not answered 3")
    lab.node.check_alive()
