"""A small RocketMQ remoting client over a plain socket, and the means to send what no client would."""
import collections
import json
import re
import socket
import struct
import time

TIMEOUT_S = 15
JSON, COMPACT = 0, 1

GET_CLUSTER, GET_ROUTE, SEND, PULL, HEARTBEAT = 106, 105, 310, 11, 34
CREATE_TOPIC, QUERY_OFFSET, END_OFFSET, PRODUCERS = 17, 14, 30, 204
# Answers to a pull that found nothing more.
PULL_EMPTY = (19, 20)


class Closed(Exception):
    """The peer ended the connection."""


def frame(header, body=b"", kind=JSON):
    """A whole frame around header bytes."""
    head = struct.pack(">iI", 4 + len(header) + len(body), kind << 24 | len(header))
    return head + header + body


def json_header(code, opaque, fields, flag=0):
    return json.dumps({"code": code, "language": "PYTHON", "version": 479, "opaque": opaque,
                       "flag": flag, "extFields": fields}).encode()


def compact_header(data):
    """The fixed part of a compact header."""
    code, _, version, opaque, flag = struct.unpack(">hbhii", data[:13])
    return {"code": code, "version": version, "opaque": opaque, "flag": flag}


def send_fields(topic, queue, properties=None, retries=0):
    """Fields of a send of one message."""
    said = "".join(f"{name}\x01{value}\x02" for name, value in (properties or {}).items())
    return {"a": "interop_raw", "b": topic, "c": "TBW102", "d": "8", "e": str(queue), "f": "0",
            "g": str(int(time.time() * 1000)), "h": "0", "i": said, "j": str(retries), "k": "false",
            "m": "false"}


def frames(buffer):
    """(header, body, size) of each whole frame at the head of a bytearray, which loses them."""
    while len(buffer) >= 4:
        size = 4 + int.from_bytes(buffer[:4], "big")
        if len(buffer) < size:
            return
        kind, length = buffer[4], int.from_bytes(buffer[5:8], "big")
        header, body = bytes(buffer[8:8 + length]), bytes(buffer[8 + length:size])
        del buffer[:size]
        yield (compact_header if kind == COMPACT else json.loads)(header), body, size


class Client:
    """One connection. Used by one thread."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), TIMEOUT_S)
        self.opaque = 0
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def raw(self, data):
        """Sends bytes; the peer may close while they are on their way."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as gone:
            raise Closed from gone

    def finish(self):
        """No more will be sent; answers can still be read."""
        self.socket.shutdown(socket.SHUT_WR)

    def take(self, size):
        while len(self.buffer) < size:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError as gone:
                raise Closed from gone
            if not more:
                raise Closed
            self.buffer += more
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def answer(self):
        """(header, body) of the next frame."""
        size, = struct.unpack(">i", self.take(4))
        data = self.take(size)
        kind, length = data[0], struct.unpack(">I", data[:4])[0] & 0xFFFFFF
        header = data[4:4 + length]
        return (compact_header if kind == COMPACT else json.loads)(header), data[4 + length:]

    def ask(self, code, fields=None, body=b""):
        self.opaque += 1
        self.raw(frame(json_header(code, self.opaque, fields or {}), body))
        header, body = self.answer()
        if header["opaque"] != self.opaque:
            raise AssertionError(f"asked {self.opaque}, answered {header['opaque']}")
        return header, body

    def send(self, topic, queue, body, properties=None, retries=0):
        """Sends a message; the header of the answer."""
        return self.ask(SEND, send_fields(topic, queue, properties, retries), body)[0]

    def create_topic(self, topic, queues):
        fields = {"topic": topic, "defaultTopic": "TBW102", "readQueueNums": str(queues),
                  "writeQueueNums": str(queues), "perm": "6", "topicFilterType": "SINGLE_TAG",
                  "topicSysFlag": "0", "order": "false"}
        return self.ask(CREATE_TOPIC, fields)[0]

    def pull_records(self, topic, queue, offset, wait_ms=0):
        """(code, records, next offset) of a pull; one that finds nothing waits as long as said."""
        fields = {"consumerGroup": "interop_raw", "topic": topic, "queueId": str(queue),
                  "queueOffset": str(offset), "maxMsgNums": "32",
                  "sysFlag": "6" if wait_ms else "4", "commitOffset": "0",
                  "suspendTimeoutMillis": str(wait_ms), "subscription": "*", "subVersion": "0",
                  "expressionType": "TAG"}
        header, data = self.ask(PULL, fields)
        following = int(header["extFields"].get("nextBeginOffset", offset))
        return header["code"], list(records(data)), following

    def pull(self, topic, queue, offset):
        """(code, bodies, next offset) of a pull that does not wait."""
        code, found, following = self.pull_records(topic, queue, offset)
        return code, [record.body for record in found], following


Record = collections.namedtuple(
    "Record", "queue queue_offset log_offset size body system_flag stored_ms properties")
RECORD_HEAD = struct.Struct(">i8xi4xqqi16xq20xi")  # up to and including the body's length


def records(data):
    """A run of stored records with IPv4 hosts."""
    at = 0
    while at < len(data):
        size, queue, queue_offset, log_offset, flag, stored, length = RECORD_HEAD.unpack_from(
            data, at)
        body = at + RECORD_HEAD.size
        rest = body + length
        rest += 1 + data[rest]  # the topic
        said = data[rest + 2:rest + 2 + int.from_bytes(data[rest:rest + 2], "big")]
        yield Record(queue, queue_offset, log_offset, size, data[body:body + length], flag,
                     stored, properties_of(said))
        at += size


def properties_of(said):
    """A record's properties, by name."""
    pairs = (pair.split("\x01", 1) for pair in said.decode().split("\x02") if pair)
    return {name: value for name, value in pairs}


def bodies(data):
    """The bodies of a run of stored records with IPv4 hosts."""
    return (record.body for record in records(data))


def pull_all(client, topic, queue):
    """Every body of a queue, in order."""
    return [record.body for record in pull_all_records(client, topic, queue)]


def pull_all_records(client, topic, queue):
    """Every record of a queue, in order."""
    found, offset = [], 0
    while True:
        code, more, offset = client.pull_records(topic, queue, offset)
        if code in PULL_EMPTY:
            return found
        if code != 0:
            raise AssertionError(f"pull of {topic} queue {queue} at {offset} was answered {code}")
        found += more


def java_json(text):
    """What Java's brokers and tools print: the quotes of numeric keys are missing."""
    return json.loads(re.sub(r"([{,]\s*)(\d+):", r'\1"\2":', text))


def brokers(nameserver):
    """name → address of the master, from the cluster a name server knows."""
    with Client(nameserver) as client:
        header, body = client.ask(GET_CLUSTER)
    if header["code"] != 0:
        raise AssertionError(f"cluster info was answered {header['code']} {header.get('remark')}")
    table = java_json(body.decode())["brokerAddrTable"]
    return {name: broker["brokerAddrs"]["0"] for name, broker in table.items()}
