"""A recording's connections to a node: requests go out in their order, answers are found by their
number, and what the node asks is answered as the recorded client did."""
import selectors
import socket
import time

import wire
from replay.frames import ANSWER, ONEWAY, Frame, read_frame

OURS = 1 << 30  # numbers of requests that are not in the recording begin here


class Connection:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), wire.TIMEOUT_S)
        self.buffer = bytearray()
        self.answers = {}  # by number
        self.asked = []    # what the node sent of its own
        self.closed = False

    def frames(self):
        """Reads what is there."""
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        self.closed = not data
        self.buffer += data
        while len(self.buffer) >= 4:
            size = 4 + int.from_bytes(self.buffer[:4], "big")
            if len(self.buffer) < size:
                return
            yield read_frame(bytes(self.buffer[4:size]))
            del self.buffer[:size]


class Connections:
    """addresses: of the doors, by the recording's name for them. reply_to: the recorded answer to a
    request of the node's on a connection, or nothing."""

    def __init__(self, addresses, reply_to):
        self.addresses = addresses
        self.reply_to = reply_to
        self.open = {}
        self.selector = selectors.DefaultSelector()
        self.next_own = OURS

    def of(self, number, peer):
        if number not in self.open:
            self.open[number] = Connection(self.addresses[peer])
            self.selector.register(self.open[number].socket, selectors.EVENT_READ, number)
        return self.open[number]

    def turn(self, timeout):
        """Takes in what the node sent on any connection."""
        for key, _ in self.selector.select(timeout):
            connection = self.open[key.data]
            for frame in connection.frames():
                if frame.flag & ANSWER:
                    connection.answers[frame.opaque] = frame
                else:
                    self.take_request(key.data, connection, frame)
            if connection.closed:
                self.selector.unregister(connection.socket)

    def take_request(self, number, connection, frame):
        connection.asked.append(frame)
        reply = None if frame.flag & ONEWAY else self.reply_to(number, frame.code)
        if reply:
            connection.socket.sendall(reply.with_header(opaque=frame.opaque).encode())

    def answer(self, connection, number, timeout=wire.TIMEOUT_S):
        """The answer to a request, or nothing if none came in time or the connection was ended."""
        deadline = time.monotonic() + timeout
        while number not in connection.answers:
            left = deadline - time.monotonic()
            if left <= 0 or connection.closed:
                return None
            self.turn(left)
        return connection.answers[number]

    def ask(self, connection, code, fields=None, body=b""):
        """A request of our own."""
        self.next_own += 1
        request = Frame(wire.JSON, {"code": code, "language": "JAVA", "version": 513, "flag": 0,
                                    "opaque": self.next_own, "extFields": fields or {}}, body)
        connection.socket.sendall(request.encode())
        answer = self.answer(connection, self.next_own)
        if answer is None:
            raise AssertionError(f"no answer to {code} {fields}")
        return answer

    def demand(self, connection, code, fields, body=b""):
        """A request of our own that has to succeed."""
        answer = self.ask(connection, code, fields, body)
        if answer.code != 0:
            raise AssertionError(f"the state can't be made: {code} {fields} {body[:200]} was "
                                 f"answered {answer.code} {answer.remark}")
        return answer

    def close(self, number):
        connection = self.open.pop(number)
        if not connection.closed:
            self.selector.unregister(connection.socket)
        connection.socket.close()

    def close_all(self):
        for number in list(self.open):
            self.close(number)
        self.selector.close()
