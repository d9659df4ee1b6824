"""Where an answer differs from the recorded one: addresses, times, generated ids and places in the
log apart."""
import dataclasses
import json
import re

import wire
from replay.frames import read_records
from replay.recording import PULLS, QUERY, VIEW

ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+:\d+")
HEX = re.compile(r"[0-9A-F]{32,64}")
# A remark that is a Java exception. Ours then names the part of the request that is wrong.
JAVA = re.compile(r"(java|com|org)\.[a-zA-Z0-9_.]+(Exception|Error)")
PART = re.compile(r"\b(field|property|body|byte)\b")
# Fields that say when something was stored, and fields that say where.
TIMES = {"timestamp", "indexLastUpdateTimestamp", "storeTimestamp"}
PLACES = {"indexLastUpdatePhyoffset", "commitLogOffset"}
VERSION = "dataVersion"  # when a table was changed, and how often
# Tables of all a broker has: what both brokers have is compared.
TABLES = {201: ("subscriptionGroupTable", "forbiddenTable")}
# What a client reads of an answer's header besides.
HEADER = {"form": lambda frame: "compact" if frame.kind == wire.COMPACT else "JSON",
          "flag": lambda frame: frame.flag, "version": lambda frame: frame.header["version"]}
CHECK_TRANSACTION = 39
SAME_REQUEST = {"consumerGroup", "topic", "producerGroup", "queueId", "bornTimestamp", "flag",
                "reconsumeTimes", "sysFlag", "transactionId"}


@dataclasses.dataclass
class Finding:
    exchange: object
    field: str  # code, form, flag, version, remark, body, ext.<name>, answer, request to the client
    recorded: object
    ours: object

    def __str__(self):
        return (f"{self.exchange}: {self.field}: recorded {shown(self.recorded)}, "
                f"ours {shown(self.ours)}")


def shown(value):
    text = str(value).replace("\n", "\\n")
    return text if len(text) < 300 else text[:300] + "…"


def without_addresses(text):
    return ADDRESS.sub("ADDRESS", text)


def answers(exchange, ours, made, changed):
    """The findings of one exchange. made: (topic, queue, offset) of messages that stand for the
    recorded ones. changed: our values of the request's fields to recorded ones."""
    recorded = exchange.response
    for name, of in HEADER.items():
        if of(recorded) != of(ours):
            yield Finding(exchange, name, of(recorded), of(ours))
    if recorded.code != ours.code:
        yield Finding(exchange, "code", f"{recorded.code} {recorded.remark}",
                      f"{ours.code} {ours.remark}")
        return  # another answer altogether
    yield from fields_differ(exchange, recorded.fields, ours.fields)
    if not same_remark(recorded.remark, ours.remark, changed):
        yield Finding(exchange, "remark", recorded.remark, ours.remark)
    difference = bodies(exchange, recorded.body, ours.body, made)
    if difference:
        yield Finding(exchange, "body", *difference)


def fields_differ(exchange, recorded, ours):
    for name in sorted(recorded.keys() | ours.keys()):
        if name not in recorded or name not in ours:
            yield Finding(exchange, f"ext.{name}", recorded.get(name, "none"),
                          ours.get(name, "none"))
        elif not same_field(exchange, name, recorded[name], ours[name]):
            yield Finding(exchange, f"ext.{name}", recorded[name], ours[name])


def same_field(exchange, name, recorded, ours):
    if name == "msgId":
        return [len(part) for part in recorded.split(",")] == [
            len(part) for part in ours.split(",")] and all(map(HEX.fullmatch, ours.split(",")))
    if name == "transactionId" and recorded not in str(exchange.request.fields):
        return HEX.fullmatch(ours) is not None  # generated
    if name in TIMES | PLACES and int(recorded) > 0:
        return int(ours) > 0
    if name in ("queueId", "queueOffset") and is_any_queue(exchange):
        return ours.isdigit()
    return recorded == ours


def is_any_queue(exchange):
    """A send that leaves the choice of a queue to the broker."""
    sent = exchange.sent()
    return sent is not None and sent[1] < 0


def same_remark(recorded, ours, changed):
    for mine, theirs in changed.items():
        ours = ours.replace(mine, theirs)
    if JAVA.match(recorded):
        return PART.search(ours) is not None
    return without_addresses(recorded) == without_addresses(ours)


def bodies(exchange, recorded, ours, made):
    """(recorded, ours) of what differs, or nothing."""
    if exchange.code in (*PULLS, QUERY, VIEW):
        return records(read_records(recorded), read_records(ours), made)
    if recorded[:1] in (b"{", b"["):
        theirs, mine = document(recorded), document(ours)
        for table in TABLES.get(exchange.code, ()) if isinstance(mine, dict) else ():
            shared = theirs[table].keys() & mine[table].keys()
            for whole in (theirs, mine):
                whole[table] = {name: whole[table][name] for name in shared}
        theirs, mine = (json.dumps(part, sort_keys=True) for part in (theirs, mine))
        return None if theirs == mine else (theirs, mine)
    return None if recorded == ours else (recorded[:100], ours[:100])


def document(body):
    """A JSON body with its sets in one order and without addresses; or what is no JSON."""
    try:
        return in_order(wire.java_json(without_addresses(body.decode())))
    except ValueError:
        return body.hex()


def in_order(value):
    if isinstance(value, dict):
        return {key: "" if key == VERSION else in_order(part) for key, part in value.items()}
    if isinstance(value, list):
        return sorted(map(in_order, value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


def records(recorded, ours, made):
    if [place(record) for record in recorded] != [place(record) for record in ours]:
        return [place(record) for record in recorded], [place(record) for record in ours]
    for theirs, mine in zip(recorded, ours):
        if place(theirs) not in made and content(theirs, mine) != content(mine, theirs):
            return content(theirs, mine), content(mine, theirs)
    return None


def place(record):
    return record.topic, record.queue, record.offset


def content(record, other):
    """All of a record but when and where it was stored, and a unique key made by the broker."""
    parts = record._replace(position=0, store=0, prepared=0)._asdict()
    keys = [of.properties.get("UNIQ_KEY", "") for of in (record, other)]
    if keys[0] != keys[1] and all(map(HEX.fullmatch, keys)):
        parts["properties"] = {**record.properties, "UNIQ_KEY": "made by the broker"}
        parts["size"] -= len(keys[0])
    return parts


def same_request(recorded, ours):
    """Whether the node asks a client the same."""
    return (recorded.code == ours.code and recorded.fields.keys() == ours.fields.keys()
            and asked_for(recorded) == asked_for(ours)
            and all(without_addresses(recorded.fields[name]) == without_addresses(ours.fields[name])
                    for name in recorded.fields.keys() & SAME_REQUEST))


def asked_for(request):
    """The body of a request to a client: a record in it may be stored anywhere."""
    if request.code == CHECK_TRANSACTION:
        return [record.body for record in read_records(request.body)]
    return request.body
