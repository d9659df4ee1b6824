"""A recording: the exchanges of one client with the Java broker and nameserver, in order."""
import dataclasses
import json
import os
import pathlib

import wire
from node import ROOT
from replay.frames import Frame, properties_of, read_frame, read_records

FOLDER = pathlib.Path(os.environ.get("GANTRY_GOLDEN", ROOT.parent / "shared" / "golden")) / "wire"

SEND, SEND_V2, SEND_BATCH, REPLY, REPLY_V2 = 10, 310, 320, 324, 325
PULL, LITE_PULL, QUERY, VIEW = 11, 361, 12, 33
SENDS, PULLS = (SEND, SEND_V2, SEND_BATCH, REPLY, REPLY_V2), (PULL, LITE_PULL)

# A message with one of these goes elsewhere first: to a schedule, a timer or half messages.
DIVERTING = {"DELAY": "delays", "TIMER_DELAY_SEC": "delays", "TIMER_DELAY_MS": "delays",
             "TIMER_DELIVER_MS": "delays", "TRAN_MSG": "transactions"}


@dataclasses.dataclass
class Exchange:
    index: int
    peer: str          # namesrv, broker, broker fast port
    from_client: bool
    connection: int    # which of the recording's
    step: str          # what the client was doing
    code: int
    oneway: bool
    raw: bytes         # the request as it was sent
    request: Frame
    response: Frame | None  # None: one-way, or held and never answered
    took_ms: int | None

    def __str__(self):
        return f"exchange {self.index} [{self.step}] code {self.code}"

    def is_compared(self):
        """Whether something was to be seen of the broker."""
        return self.response is not None or not self.from_client or self.is_held()

    def is_held(self):
        """A pull that waited for a message until its client left."""
        return self.code in PULLS and self.response is None

    def sent(self):
        """(topic, queue, properties) of a send, or nothing; a queue below 0 is any."""
        if self.code not in SENDS:
            return None
        fields = self.request.fields
        topic, queue, text = (("topic", "queueId", "properties") if self.code in (SEND, REPLY)
                              else ("b", "e", "i"))
        if topic not in fields or not fields.get(queue, "").lstrip("-").isdigit():
            return None
        return fields[topic], int(fields[queue]), properties_of(fields.get(text, ""))

    def diverted_to(self):
        """Which module takes the message of this send before its topic has it; or nothing."""
        sent = self.sent()
        return next((DIVERTING[name] for name in sent[2] if name in DIVERTING), "") if sent else ""

    def stored(self):
        """(topic, queue, first offset, count) a recorded send came to, or nothing."""
        sent = self.sent()
        if not sent or self.diverted_to() or self.response is None or self.response.code != 0:
            return None
        answer = self.response.fields
        return (sent[0], int(answer["queueId"]), int(answer["queueOffset"]),
                1 + answer["msgId"].count(","))


def exchange_of(index, line):
    def frame(part):
        return read_frame(bytes.fromhex(part["hex"])[4:]) if part else None
    return Exchange(index, line["peer"], line["from"] == "client", line["conn"], line["step"],
                    line["code"], line["oneway"], bytes.fromhex(line["request"]["hex"]),
                    frame(line["request"]), frame(line["response"]), line.get("ms"))


class Recording:
    def __init__(self, name, folder=FOLDER):
        self.name = name
        with open(folder / f"{name}.jsonl", encoding="utf-8") as lines:
            self.exchanges = [exchange_of(index, json.loads(line))
                              for index, line in enumerate(lines)]
        # Which records queues held, by (topic, queue, offset), as far as an answer showed them.
        self.records = {}
        for exchange in self.exchanges:
            if exchange.code in (*PULLS, QUERY, VIEW) and exchange.response:
                for record in read_records(exchange.response.body):
                    self.records[record.topic, record.queue, record.offset] = record
        # Where a recorded send put its first message: (topic, queue) to [(index, offset)].
        self.sends = {}
        for exchange in self.exchanges:
            stored = exchange.stored()
            if stored:
                self.sends.setdefault(stored[:2], []).append((exchange.index, stored[2]))
        self.last_of = {exchange.connection: exchange.index for exchange in self.exchanges}

    def length_before(self, exchange, topic, queue, length):
        """How much of a queue's `length` was there before this exchange: what sends behind it made
        is not."""
        later = [offset for index, offset in self.sends.get((topic, queue), ())
                 if index > exchange.index]
        return min([length, *later])

    def client_ids(self):
        """connection to the id its client gave itself."""
        found = {}
        for exchange in self.exchanges:
            text = exchange.request.body
            fields = exchange.request.fields
            name = fields.get("clientID")
            if not name and text[:1] == b"{":
                body = wire.java_json(text.decode())
                name = body.get("clientID") or body.get("clientId")
            if name and exchange.from_client:
                found.setdefault(exchange.connection, name)
        return found
