"""Reads back every queue of a node and compares it with the journal and with the reading before."""
import dataclasses

import load
import wire

GET_MAX_OFFSET = 30


@dataclasses.dataclass
class Tally:
    """What the summary line counts, and a sentence for each."""
    lost: int = 0
    resurrected: int = 0
    gaps: int = 0
    index_errors: int = 0
    why: list = dataclasses.field(default_factory=list)

    def add(self, kind, text, count=1):
        setattr(self, kind, getattr(self, kind) + count)
        self.why.append(f"{kind}: {text}")

    def merge(self, other):
        for kind in ("lost", "resurrected", "gaps", "index_errors"):
            setattr(self, kind, getattr(self, kind) + getattr(other, kind))
        self.why += other.why

    def good(self):
        return not (self.lost or self.resurrected or self.gaps or self.index_errors)

    def __str__(self):
        return (f"lost {self.lost}, resurrected {self.resurrected}, gaps {self.gaps}, "
                f"index errors {self.index_errors}")


class Readback:
    """What the queues held when they were last read."""

    def __init__(self, journal):
        self.journal = journal
        self.kept = {}  # (topic, queue) → names by queue offset
        self.sizes = {}  # log offset → bytes of the record

    def compare(self, address):
        """Reads all queues; what is wrong with them. What was read once must stay as it was."""
        tally, places = Tally(), {}
        for twice in self.journal.twice:
            tally.add("index_errors", f"{twice} was acknowledged for two messages")
        with wire.Client(address) as client:
            for topic in load.TOPICS:
                for queue in range(load.QUEUES):
                    self.compare_queue(client, topic, queue, tally, places)
        return tally

    def compare_queue(self, client, topic, queue, tally, places):
        where = f"{topic} queue {queue}"
        records = wire.pull_all_records(client, topic, queue)
        names = [self.name_of(record, topic, queue, tally) for record in records]
        for number, record in enumerate(records):
            self.sizes[record.log_offset] = record.size
            if record.queue != queue:
                tally.add("index_errors", f"{where} at {number} gave a record of {record.queue}")
            if record.queue_offset != number:
                tally.add("gaps", f"{where}: number {record.queue_offset}, expected {number}")
            if names[number] in places:
                tally.add("resurrected", f"{where} at {number} is {places[names[number]]} again")
            places[names[number]] = f"{where} at {number}"
        for number, acked in self.journal.acked[topic, queue].items():
            if number >= len(records) or names[number] != acked.name:
                tally.add("lost", f"{where} at {number}: {acked} was acknowledged")
            elif records[number].log_offset != acked.log_offset:
                tally.add("index_errors", f"{where} at {number}: read at log offset "
                          f"{records[number].log_offset}, acknowledged at {acked.log_offset}")
        before = self.kept.get((topic, queue), [])
        for number, name in enumerate(before):
            if number >= len(names) or names[number] != name:
                tally.add("lost", f"{where} at {number}: {name} was read before the last crash")
        self.kept[topic, queue] = names
        self.compare_bounds(client, topic, queue, len(records), tally)

    def name_of(self, record, topic, queue, tally):
        """Which message it is: none that was altered, never sent, or refused."""
        name = record.body[:load.NAME_BYTES]
        sent = self.journal.sent.get(name)
        if sent != (topic, queue, load.digest(record.body)):
            tally.add("index_errors" if sent else "resurrected",
                      f"{topic} queue {queue} has {record.body[:64]!r} at log offset "
                      f"{record.log_offset}, sent was {sent}")
        elif self.journal.refused.get(name) in load.NEVER_STORED:
            tally.add("resurrected", f"{name} was refused with {self.journal.refused[name]}")
        return name

    def compare_bounds(self, client, topic, queue, count, tally):
        header, _ = client.ask(GET_MAX_OFFSET, {"topic": topic, "queueId": str(queue)})
        most = int((header.get("extFields") or {}).get("offset", -1))
        if header["code"] != 0 or most != count:
            tally.add("index_errors", f"{topic} queue {queue} says {most} of code "
                      f"{header['code']}, read were {count}")


def verified(node, tally):
    """Adds what `gantry verify` finds in the folder of the ended node: log, queues and keys."""
    code, said = node.verify()
    if code == 1:
        tally.add("index_errors", said)
    elif code != 0:
        raise AssertionError(f"gantry verify ended with {code}:\n{said}")
    return said
