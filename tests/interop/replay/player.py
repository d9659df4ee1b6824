"""Plays a recording against a node and tells where the answers differ."""
import time

from replay import compare
from replay.connections import Connections
from replay.recording import PULLS, QUERY, VIEW
from replay.stage import SEND_BACK, Stage

END_TRANSACTION, BY_TIME, NOTICE = 37, 29, 40
POSITIONS = {VIEW: "offset", SEND_BACK: "offset", END_TRANSACTION: "commitLogOffset"}
TIMES = {BY_TIME: ("timestamp",), QUERY: ("beginTimestamp", "endTimestamp")}
DAY_MS = 24 * 3600 * 1000
NOTICE_S = 2   # how long a notice of the node's may take
NO_SUCH_CODE = 9998


class Player:
    def __init__(self, node, recording):
        host, port = node.broker.rsplit(":", 1)
        self.recording = recording
        self.connections = Connections({
            "namesrv": node.nameserver, "broker": node.broker,
            "broker fast port": f"{host}:{int(port) - 2}"}, self.recorded_reply)
        self.stage = Stage(self.connections, recording)
        self.waiting = []   # exchanges whose answer comes later, or never
        self.findings = []  # compare.Finding
        self.recorded_now = 0
        self.compared = 0

    def play(self):
        try:
            self.stage.set_up()
            # What goes to any queue comes last: it would change what other queues hold.
            for exchange in sorted(self.recording.exchanges, key=compare.is_any_queue):
                self.recorded_now = max(self.recorded_now, *recorded_times(exchange))
                if exchange.from_client:
                    self.step(exchange)
                elif exchange.code == NOTICE:
                    self.stage.consumers.before_notice(exchange)
                if self.recording.last_of[exchange.connection] == exchange.index:
                    self.leave(exchange.connection)
        finally:
            self.connections.close_all()
        return self.findings

    def step(self, exchange):
        self.stage.before(exchange)
        connection = self.connections.of(exchange.connection, exchange.peer)
        data, changed = self.translated(exchange)
        connection.socket.sendall(data)
        self.stage.wake()
        if exchange.oneway or (exchange.response is None and not exchange.is_held()):
            self.stage.after(exchange, None)
        elif exchange.is_held() or self.stage.is_woken_later(exchange):
            self.waiting.append((exchange, changed))
        else:
            self.finish(exchange, changed)

    def finish(self, exchange, changed):
        """Waits for an answer and compares it."""
        connection = self.connections.of(exchange.connection, exchange.peer)
        answer = self.connections.answer(connection, exchange.request.opaque)
        self.stage.after(exchange, answer)
        self.compared += 1
        if answer is None:
            self.findings.append(compare.Finding(
                exchange, "answer", "one", "the connection was ended" if connection.closed
                else "none"))
        else:
            self.findings += compare.answers(exchange, answer, self.stage.queues.made, changed)

    def leave(self, number):
        """A client's connection ends: what it was still waiting for, and what it was asked."""
        here = [(exchange, changed) for exchange, changed in self.waiting
                if exchange.connection == number]
        self.waiting = [pair for pair in self.waiting if pair[0].connection != number]
        for exchange, changed in here:
            if exchange.response:
                self.finish(exchange, changed)
        held = [exchange for exchange, _ in here if exchange.is_held()]
        if number in self.connections.open:
            if held:
                self.check_held(self.connections.open[number], held)
            self.check_asked(number)
            self.connections.close(number)
            self.stage.consumers.gone(number)

    def check_held(self, connection, held):
        """Pulls without an answer have none, unless a message came."""
        self.connections.ask(connection, NO_SUCH_CODE)  # the node has seen all before it
        for exchange in held:
            self.compared += 1
            fields = exchange.request.fields
            answer = connection.answers.get(exchange.request.opaque)
            self.stage.after(exchange, answer)
            there = self.stage.queues.lengths.get((fields["topic"], int(fields["queueId"])), 0)
            if answer and not (answer.code == 0 and there > int(fields["queueOffset"])):
                self.findings.append(compare.Finding(exchange, "answer", "held",
                                                     f"{answer.code} {answer.remark}"))

    def check_asked(self, number):
        """The node asked this client what the broker had asked it."""
        connection = self.connections.open[number]
        for exchange in self.recording.exchanges:
            if exchange.connection != number or exchange.from_client:
                continue
            self.compared += 1
            if exchange.code == NOTICE:
                deadline = time.monotonic() + NOTICE_S
                while not self.asked_alike(connection, exchange) and time.monotonic() < deadline:
                    self.connections.turn(deadline - time.monotonic())
            if not self.asked_alike(connection, exchange):
                told = [f"{frame.code} {frame.fields}" for frame in connection.asked
                        if frame.code == exchange.code]
                self.findings.append(compare.Finding(
                    exchange, "request to the client", exchange.request.fields, told or "none"))

    def asked_alike(self, connection, exchange):
        return any(compare.same_request(exchange.request, frame) for frame in connection.asked)

    def recorded_reply(self, number, code):
        return next((exchange.response for exchange in self.recording.exchanges
                     if exchange.connection == number and not exchange.from_client
                     and exchange.code == code and exchange.response), None)

    def translated(self, exchange):
        """(the request with places and times of here instead of those, {ours: recorded})."""
        fields, changed = dict(exchange.request.header.get("extFields") or {}), {}
        name = POSITIONS.get(exchange.code)
        if name in fields:
            recorded = int(fields[name])
            fields[name] = str(self.stage.queues.position(recorded))
            changed[fields[name]] = str(recorded)
        for name in TIMES.get(exchange.code, ()):
            recorded = int(fields.get(name, 0))
            if abs(recorded - self.recorded_now) < DAY_MS:
                fields[name] = str(recorded + int(time.time() * 1000) - self.recorded_now)
                changed[fields[name]] = str(recorded)
        if all(ours == recorded for ours, recorded in changed.items()):
            return exchange.raw, {}
        return exchange.request.with_header(extFields=fields).encode(), changed


def recorded_times(exchange):
    """When this was, as far as it says."""
    fields = exchange.request.fields
    yield int(fields.get("g", fields.get("bornTimestamp", 0))) if exchange.sent() else 0
    if exchange.code in (*PULLS, VIEW) and exchange.response:
        yield from (record.store for record in compare.read_records(exchange.response.body))
