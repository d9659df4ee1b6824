"""What the node's queues hold, and the messages the recorded ones had besides."""
import wire
from replay.frames import property_text, read_records, write_batch
from replay.recording import DIVERTING, PULL, SEND_BATCH, SEND_V2

BY_BROKER = {"MSG_REGION", "TRACE_ON", "CLUSTER"}  # properties it sets in each message
# Of messages that came by delays or transactions: they can't be sent with these.
NOT_SENT = {"TRANSACTION_CHECK_TIMES", "__transactionId__", *DIVERTING}
# Bits of a record's sysFlag: its hosts are IPv6, it came by a transaction. Others are the sender's.
HOST_FLAGS, TRANSACTION_FLAGS = 0x30, 0x0C
SEND_FIELDS = {"a": "stage", "c": "TBW102", "d": "4", "h": "0", "j": "0", "k": "false",
               "m": "false"}


def is_sendable(record):
    """Whether a send can make it: other modules made the rest."""
    return not set(record.properties) & NOT_SENT and not record.sys_flag & TRANSACTION_FLAGS


class Queues:
    def __init__(self, connections, broker, recording):
        self.connections = connections
        self.broker = broker  # the connection to use
        self.recording = recording
        self.lengths = {}    # (topic, queue) to how many messages it holds
        self.positions = {}  # of a record in the recorded log to (its size, where it is in ours)
        self.made = set()    # (topic, queue, offset) of messages that stand for the recorded ones

    def fill_before(self, exchange, topic, queue, length):
        """Makes of `length` messages those that were there before the exchange."""
        self.fill(topic, queue, self.recording.length_before(exchange, topic, queue, length))

    def fill(self, topic, queue, length):
        """Sends what the recorded queue held and this one lacks."""
        for offset in range(self.lengths.get((topic, queue), 0), length):
            record = self.recording.records.get((topic, queue, offset))
            if not record or not is_sendable(record):
                self.made.add((topic, queue, offset))
            answer = self.send(topic, queue, record)
            if answer.fields["queueOffset"] != str(offset):
                raise AssertionError(f"{topic} queue {queue} has {answer.fields['queueOffset']} "
                                     f"messages, not {offset}")
            self.lengths[topic, queue] = offset + 1
            if record:
                self.know(record.position, record.size, answer.fields["msgId"])

    def send(self, topic, queue, record):
        """A message as recorded, or one that stands for it."""
        fields = {**SEND_FIELDS, "b": topic, "e": str(queue), "f": "0", "g": "1"}
        if not record:
            return self.ask(SEND_V2, fields, b"not recorded")
        kept = {name: value for name, value in record.properties.items()
                if name not in BY_BROKER | NOT_SENT}
        fields |= {"f": str(record.sys_flag & ~(HOST_FLAGS | TRANSACTION_FLAGS)),
                   "g": str(record.born), "h": str(record.flag)}
        if BY_BROKER <= record.properties.keys():
            return self.ask(SEND_V2, {**fields, "i": property_text(kept)}, record.body)
        # Only in batches are they not set, and clients may leave out the last separator.
        text = property_text(kept)[:None if record.separator_last else -1]
        batch = write_batch(record.body, record.flag, text)
        return self.ask(SEND_BATCH, {**fields, "m": "true", "i": ""}, batch)

    def ask(self, code, fields, body):
        return self.connections.demand(self.broker, code, fields, body)

    def know(self, recorded, size, message_id):
        self.positions[recorded] = size, int(message_id[-16:], 16)

    def position(self, recorded):
        """Where our log has what the recorded one had here."""
        for start, (size, ours) in self.positions.items():
            if start <= recorded < start + size:
                return ours + recorded - start
        return recorded

    def wait_for(self, topic, queue, offset):
        """Returns once a message can be pulled that was sent without an answer to wait for."""
        self.connections.demand(self.broker, PULL, {
            "consumerGroup": "GID_raw", "topic": topic, "queueId": str(queue), "sysFlag": "6",
            "queueOffset": str(offset), "maxMsgNums": "1", "commitOffset": "0", "subVersion": "0",
            "suspendTimeoutMillis": str(1000 * wire.TIMEOUT_S // 2), "subscription": "*",
            "expressionType": "TAG"})

    def after_send(self, exchange, answer):
        topic, queue, properties = exchange.sent()
        if exchange.oneway and not exchange.diverted_to():
            self.wait_for(topic, queue, self.lengths.get((topic, queue), 0))
            self.lengths[topic, queue] = self.lengths.get((topic, queue), 0) + 1
        if answer is None or answer.code != 0 or exchange.diverted_to():
            return
        ids = answer.fields["msgId"].split(",")
        queue, offset = int(answer.fields["queueId"]), int(answer.fields["queueOffset"])
        self.lengths[topic, queue] = max(self.lengths.get((topic, queue), 0), offset + len(ids))
        if properties.get("WAIT") == "false":
            self.wait_for(topic, queue, offset)
        if exchange.response and exchange.response.code == 0:
            for recorded, ours in zip(exchange.response.fields["msgId"].split(","), ids):
                self.know(int(recorded[-16:], 16), 1, ours)

    def after_pull(self, exchange, answer):
        """Learns places from what both found."""
        ours = {(record.topic, record.queue, record.offset): record
                for record in read_records(answer.body)}
        for record in read_records(exchange.response.body):
            mine = ours.get((record.topic, record.queue, record.offset))
            if mine:
                self.positions[record.position] = record.size, mine.position
