"""Where Gantry answers otherwise than the recorded broker, and why. An entry that no longer differs
fails the replay, so this table is what is true.

`python3 -m replay.differences` in tests/interop prints it for the README.
"""
import dataclasses
import fnmatch

PURPOSE, LATER, NOT_YET = "on purpose", "of later modules", "not yet"
ANY = 0
DELAYS, TRANSACTIONS = "delays", "transactions"


@dataclasses.dataclass(frozen=True)
class Difference:
    """Holds for the exchanges that fit all of it."""
    kind: str
    code: int
    reason: str
    field: str = "*"       # of an answer: code, remark, body, ext.<name>; a pattern
    step: str = "*"        # what the client was doing; a pattern
    recording: str = "*"   # a pattern
    feature: str = ""      # what the request asks for

    def covers(self, recording, exchange):
        return (self.code in (ANY, exchange.code) and self.feature in ("", feature(exchange))
                and fnmatch.fnmatchcase(recording, self.recording)
                and fnmatch.fnmatchcase(exchange.step, self.step))

    def explains(self, recording, finding):
        return self.covers(recording, finding.exchange) and fnmatch.fnmatchcase(
            finding.field, self.field)


def feature(exchange):
    """What a request asks for that is a module of its own."""
    return exchange.diverted_to()


TABLE = (
    Difference(PURPOSE, ANY, "answers in the form of the request; a Java broker always in JSON",
               field="form", recording="*-binary"),
    Difference(PURPOSE, 105, "says what to do, where RocketMQ gives a link to a page of questions",
               field="remark"),
    Difference(PURPOSE, 17, "RocketMQ forgets to set a remark and its placeholder goes out",
               field="remark", step="admin"),
    Difference(PURPOSE, 310, "says how large the message is, behind RocketMQ's sentence",
               field="remark", step="send, * too large"),
    Difference(PURPOSE, 320, "names the reason, where RocketMQ tells of lengths that are right",
               field="remark", step="batch with a delay level"),
    Difference(PURPOSE, 310, "a message without a body is illegal (13); RocketMQ's own code fails "
               "on it (1)", field="code", step="send, no body"),
    Difference(PURPOSE, 324, "a message without a body is illegal (13); RocketMQ's own code fails "
               "on it (1)", field="code", step="request and reply"),
    Difference(PURPOSE, 310, "every answer to a send has them; RocketMQ's own code failed",
               field="ext.*", step="send, delay level not a number"),
    Difference(PURPOSE, 320, "every answer to a send has them; RocketMQ's own code failed",
               field="ext.*", step="batch body that is no batch"),
    Difference(PURPOSE, 11, "a filter that no module knows is refused (1); RocketMQ sends "
               "everything, unfiltered", field="code", step="pull, unknown expression type"),
    Difference(PURPOSE, 11, "an expression that doesn't parse is refused (23), with its place; RocketMQ "
               "sends everything, unfiltered", field="code",
               step="pull, SQL92 expression does not parse"),
    Difference(PURPOSE, 204, "a connection is one client, of its last heartbeat's name; RocketMQ "
               "remembers one for each producer group", field="body", step="producer connections"),
    Difference(PURPOSE, 201, "the recorded broker had groups of earlier clients",
               field="ext.totalGroupNum"),
    Difference(PURPOSE, 206, "the recorded broker had topics of earlier clients, and of modules that "
               "are not here", field="body"),

    Difference(LATER, 310, "delays", feature=DELAYS),
    Difference(LATER, 10, "delays", feature=DELAYS),
    Difference(LATER, 310, "transactions", feature=TRANSACTIONS),
    Difference(LATER, 10, "transactions", feature=TRANSACTIONS),
    Difference(LATER, 36, "retries and dead letters"),
    Difference(LATER, 37, "transactions"),
    Difference(LATER, 39, "transactions"),
    Difference(LATER, 370, "delays: recall of a timer message"),
    Difference(LATER, 25, "configuration while a broker runs"),
)


def explain(recording, finding):
    return next((entry for entry in TABLE if entry.explains(recording, finding)), None)


def stale(recording, exchanges, used):
    """Entries that hold for one of these exchanges, and of which nothing differed."""
    return [entry for entry in TABLE if entry not in used
            and any(entry.covers(recording, exchange) for exchange in exchanges
                    if exchange.is_compared())]


def lines():
    """The table as it stands in the README."""
    yield "| | code | of the request | differs in | why |"
    yield "| --- | --- | --- | --- | --- |"
    for entry in TABLE:
        which = entry.feature or " ".join(
            pattern for pattern in (entry.recording, entry.step) if pattern != "*")
        field = "" if entry.field == "*" else entry.field
        yield f"| {entry.kind} | {entry.code or 'any'} | {which} | {field} | {entry.reason} |"


if __name__ == "__main__":
    print("\n".join(lines()))
