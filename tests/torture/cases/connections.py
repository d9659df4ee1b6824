"""Many connections that are of no use, and a neighbour who must not notice."""
import os
import pathlib
import re
import socket
import struct
import threading
import time

import load
import wire
from cases import case, check
from node import START_S

SEGMENT_BYTES = 1 << 26
HALF_OPEN = 2000
CHURN = 20_000
CHURN_PER_S = 2000
TOPIC, HALVES = load.TOPICS
BUSY = 2  # space in the log is being prepared; clients try again
NEIGHBOUR_BODY = b"neighbour" * 100
HALF_BODY = b"half" * 16384
WARM_UP = 500             # the neighbour's sends before memory is first looked at
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close by RST, so that no port stays in TIME_WAIT
RSS_GROWTH_KIB_MAX = 8 * 1024


def rss_anon_kib(node):
    status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
    return int(re.search(r"^RssAnon:\s+(\d+) kB", status, re.M)[1])


def sockets(node):
    """How many the node has."""
    folder = pathlib.Path(f"/proc/{node.process.pid}/fd")
    count = 0
    for descriptor in os.listdir(folder):
        try:
            count += os.readlink(folder / descriptor).startswith("socket:")
        except FileNotFoundError:
            pass  # closed meanwhile
    return count


class Neighbour:
    """Sends to one queue and reads it back, one message after the other, on a thread of its own."""

    def __init__(self, node):
        self.node = node
        self.count = 0
        self.wrong = None
        self.warm = threading.Event()
        self.ended = threading.Event()  # because it was told to, or something went wrong
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            with wire.Client(self.node.broker) as client:
                while not self.ended.is_set():
                    self.one(client)
        except Exception as wrong:
            self.wrong = wrong
            self.ended.set()

    def one(self, client):
        body = b"%08d" % self.count + NEIGHBOUR_BODY
        while (header := client.send(TOPIC, 0, body))["code"] == BUSY:
            pass
        check(header["code"] == 0, f"the neighbour's send {self.count} was answered {header}")
        code, found, _ = client.pull(TOPIC, 0, self.count)
        check((code, found) == (0, [body]), f"the neighbour sent {self.count}, read {code}: {found}")
        self.count += 1
        if self.count == WARM_UP:
            self.warm.set()

    def check(self):
        if self.wrong:
            raise AssertionError("the neighbour lost something") from self.wrong

    def close(self):
        self.ended.set()
        self.thread.join()


def wait_until(node, done, what):
    """Returns when done(sockets, RssAnon in KiB) of the node; each look is a question it answered."""
    deadline = time.monotonic() + START_S
    with wire.Client(node.broker) as client:
        while True:
            client.ask(wire.PULL)
            count, kib = sockets(node) - 1, rss_anon_kib(node)  # this client's is one more
            if done(count, kib):
                return kib
            check(time.monotonic() < deadline,
                  f"{what}: the node has {count} sockets and {kib} KiB of RssAnon")


def half_open(node):
    """A connection whose peer waits for the rest of a frame, that rest, and the frame."""
    host, port = node.broker.rsplit(":", 1)
    connection = socket.create_connection((host, int(port)), wire.TIMEOUT_S)
    header = wire.json_header(wire.SEND, 1, wire.send_fields(HALVES, 0))
    data = wire.frame(header, HALF_BODY)
    connection.sendall(data[:len(data) // 2])
    return connection, data[len(data) // 2:], data


def answer_code(connection):
    """The code of the one answer that is on its way."""
    buffer = bytearray()
    while True:
        for header, _, _ in wire.frames(buffer):
            return header["code"]
        data = connection.recv(65536)
        check(data, "a connection was closed instead of answered")
        buffer += data


def with_neighbour(lab, hurt):
    """Runs hurt(node, neighbour); nothing may be lost, and memory comes back."""
    # A small key index: what the neighbour sends must not look like memory of connections.
    node = lab.node(SEGMENT_BYTES, store_file={"index_slots": 1000})
    neighbour = lab.add(Neighbour(node))
    neighbour.warm.wait(START_S)
    neighbour.check()
    open_before, before = sockets(node), rss_anon_kib(node)
    began = neighbour.count
    during = hurt(node, neighbour)
    after = wait_until(
        node, lambda count, kib: count <= open_before and kib <= before + RSS_GROWTH_KIB_MAX,
        f"the connections are gone; before there were {open_before} and {before} KiB")
    neighbour.close()
    neighbour.check()
    lab.say(f"RssAnon {before} KiB before, {during} KiB during, {after} KiB after; the neighbour "
            f"sent and read {neighbour.count - began} meanwhile")
    check(neighbour.count > began, "the neighbour came to nothing")
    with wire.Client(node.broker) as client:
        bodies = wire.pull_all(client, TOPIC, 0)
    check([int(body[:8]) for body in bodies] == list(range(neighbour.count)),
          "the neighbour's queue is not what it sent")
    node.terminate()


@case
def half_frames_are_held_and_completed(lab):
    """2,000 connections each hold half a send. Later every second is completed and answered, the
    others go away without a word."""
    most = load.raise_open_files()
    check(most > 2 * HALF_OPEN, f"only {most} descriptors are allowed")

    def hurt(node, neighbour):
        before = neighbour.count
        held = [half_open(node) for _ in range(HALF_OPEN)]
        kib_least = HALF_OPEN * len(HALF_BODY) // 2 // 1024
        during = wait_until(node, lambda count, kib: count > HALF_OPEN and kib > kib_least,
                            f"{HALF_OPEN} connections hold half a frame")
        check(neighbour.count > before, "the neighbour stood still")
        completed = held[::2]
        for connection, rest, whole in completed:
            connection.sendall(rest)
            while (code := answer_code(connection)) == BUSY:
                connection.sendall(whole)
            check(code == 0, f"a completed send was answered {code}")
        for connection, *_ in held:
            connection.close()
        with wire.Client(node.broker) as client:
            stored = wire.pull_all(client, HALVES, 0)
        check(stored == [HALF_BODY] * len(completed), f"{len(stored)} halves became messages")
        return during
    with_neighbour(lab, hurt)


@case
def connects_and_closes_leave_nothing(lab):
    """20,000 connections that are reset at once, at most 2,000 a second."""
    def hurt(node, neighbour):
        host, port = node.broker.rsplit(":", 1)
        began = time.monotonic()
        for number in range(CHURN):
            early = began + number / CHURN_PER_S - time.monotonic()
            if early > 0 and neighbour.ended.wait(early):
                break
            with socket.create_connection((host, int(port)), wire.TIMEOUT_S) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        took = time.monotonic() - began
        lab.say(f"{CHURN} connections in {took:.1f} s")
        return rss_anon_kib(node)
    with_neighbour(lab, hurt)
