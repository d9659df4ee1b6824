"""Brings a node to the state an exchange was recorded in.

A recording keeps two exchanges of each shape: sends, heartbeats and commits between them are
missing. What they left behind is known from the answers behind them, and made before the exchange
they belong to. What the replayed exchanges did themselves is remembered and not made again.
"""
import json

from replay import state
from replay.consumers import COMMIT, HEARTBEAT, Consumers
from replay.frames import read_records
from replay.queues import Queues
from replay.recording import PULLS, QUERY, VIEW

COMMITS, MAY_WAIT, HAS_SUBSCRIPTION = 1, 2, 4  # bits of a pull's sysFlag
MAKE_TOPIC, MAKE_GROUP, ROUTE, LEAVE = 17, 200, 105, 35
OFFSET, MEMBERS, MAX_OFFSET, SEND_BACK = 14, 38, 30, 36
WOKEN_MS = 400  # a pull this late with one message waited for it


class Stage:
    def __init__(self, connections, recording):
        self.connections = connections
        self.recording = recording
        self.broker = connections.of("stage", "broker")
        self.queues = Queues(connections, self.broker, recording)
        self.consumers = Consumers(connections, recording)
        self.late = None  # what wakes the pull that is on its way: (topic, queue, length)

    def set_up(self):
        topics = state.topics(self.recording.name)
        for name, topic in topics.items():
            self.connections.demand(self.broker, MAKE_TOPIC, topic.fields(name))
        for group in state.groups(self.recording.name):
            self.connections.demand(self.broker, MAKE_GROUP, {}, json.dumps(group).encode())
        nameserver = self.connections.of("stage at the nameserver", "namesrv")
        for name in topics:
            while self.connections.ask(nameserver, ROUTE, {"topic": name}).code != 0:
                pass  # the broker is telling it

    def before(self, exchange):
        self.late = None
        if exchange.code in PULLS:
            self.before_pull(exchange)
            return
        stored = exchange.stored()
        if stored:
            self.queues.fill(*stored[:3])
        elif exchange.response and exchange.response.code == 0:
            self.before_success(exchange, exchange.request.fields, exchange.response)

    def before_success(self, exchange, fields, answer):
        if exchange.code == MAX_OFFSET:
            self.queues.fill_before(exchange, fields["topic"], int(fields["queueId"]),
                                    int(answer.fields["offset"]))
        elif exchange.code in (QUERY, VIEW):
            for record in read_records(answer.body):
                self.need(exchange, record)
        elif exchange.code == SEND_BACK:
            for record in self.recording.records.values():
                if str(record.position) == fields["offset"]:
                    self.need(exchange, record)
        elif exchange.code == MEMBERS:
            self.consumers.gather(fields["consumerGroup"],
                                  json.loads(answer.body)["consumerIdList"])
        elif exchange.code == OFFSET:
            # Of an empty queue nothing would be known.
            self.queues.fill_before(exchange, fields["topic"], int(fields["queueId"]), 1)
            self.consumers.commit(self.broker, fields, int(answer.fields["offset"]))

    def need(self, exchange, record):
        self.queues.fill_before(exchange, record.topic, record.queue, record.offset + 1)

    def before_pull(self, exchange):
        fields, answer = exchange.request.fields, exchange.response
        if not {"topic", "queueId", "queueOffset", "consumerGroup"} <= fields.keys():
            return
        topic, queue, start = fields["topic"], int(fields["queueId"]), int(fields["queueOffset"])
        if not int(fields["sysFlag"]) & HAS_SUBSCRIPTION:
            self.consumers.subscribe(exchange)
        length = start if answer is None else int(answer.fields.get("maxOffset", 0))
        there = self.recording.length_before(exchange, topic, queue, length)
        if there == length and self.was_woken(exchange, start, length):
            self.late = topic, queue, length
            there -= 1
        self.queues.fill(topic, queue, there)

    def was_woken(self, exchange, start, length):
        return (exchange.response is not None and exchange.response.code == 0
                and int(exchange.request.fields["sysFlag"]) & MAY_WAIT
                and length == start + 1 and exchange.took_ms >= WOKEN_MS)

    def is_woken_later(self, exchange):
        """Whether what answers this pull comes with a later exchange of the recording."""
        answer = exchange.response
        if exchange.code not in PULLS or answer is None or "maxOffset" not in answer.fields:
            return False
        fields, length = exchange.request.fields, int(answer.fields["maxOffset"])
        return self.recording.length_before(exchange, fields["topic"], int(fields["queueId"]),
                                            length) < length

    def wake(self):
        """Makes what the pull that was just sent waits for."""
        if self.late:
            self.queues.fill(*self.late)

    def after(self, exchange, answer):
        """answer: the node's, if there is one."""
        fields = exchange.request.fields
        if exchange.sent():
            self.queues.after_send(exchange, answer)
        elif exchange.code == HEARTBEAT and answer and answer.code == 0:
            self.consumers.after_heartbeat(exchange)
        elif exchange.code == LEAVE and "consumerGroup" in fields:
            self.consumers.leave(fields["consumerGroup"], fields["clientID"])
        elif exchange.code == COMMIT and "commitOffset" in fields:
            self.consumers.after_commit(fields)
        elif exchange.code in PULLS:
            if int(fields.get("sysFlag", 0)) & COMMITS:
                self.consumers.after_commit(fields)
            if answer and answer.code == 0 and exchange.response:
                self.queues.after_pull(exchange, answer)
