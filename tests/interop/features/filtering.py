"""What consumers get of a topic: by expressions over its messages' properties, by scripts of Lua."""
import pathlib
import subprocess

from features import feature
from lab import PAUSE_S, Fed, check, check_same, until
from program import Refused

QUEUES = 2
COUNT = 32
SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "lua"
BOUND_TOPIC, BOUND_GROUP = "interop_bound_topic", "interop_bound_group"
SETTINGS = {"plugins.filter_lua": {  # of the cells' nodes
    "scripts": str(SCRIPTS),
    "bind": [{"topic": BOUND_TOPIC, "group": BOUND_GROUP, "script": "regions", "arguments": "eu"}]}}

REGIONS = ("eu", "us", "asia", None)
# Expression → what it says of a message with this number and region.
RULES = {
    "a > 14 OR region IS NULL AND NOT (a = 7)":
        lambda a, region: a > 14 or region is None and a != 7,
    "a BETWEEN 5 AND 20 AND region IN ('eu', 'asia')":
        lambda a, region: 5 <= a <= 20 and region in ("eu", "asia"),
    "region CONTAINS 's' OR a <= 4": lambda a, region: region in ("us", "asia") or a <= 4,
}
GANTRYS_RULES = {"region LIKE '_s%'": lambda a, region: region in ("us", "asia")}


class Stream:
    """A topic's messages: the number of each is its property `a`, and most have a `region`."""

    def __init__(self, lab, topic=None):
        self.lab = lab
        self.topic = topic or lab.topic(QUEUES)
        self.fed = Fed()
        self.about = {}  # body → (number, region)

    def more(self, stem, body=lambda number: ""):
        """Every region's messages are in every queue. body: what a message's body ends with."""
        for number in range(COUNT):
            self.feed_one(self.topic, number // len(REGIONS) % QUEUES,
                          f"{stem}{number}{body(number)}", number)

    def feed_one(self, topic, queue, body, number, **properties):
        region = REGIONS[number % len(REGIONS)]
        properties["a"] = number
        if region:
            properties["region"] = region
        self.lab.feed_one(self.fed, topic, queue, body, **properties)
        self.about[body] = number, region

    def matching(self, rule):
        return [body for body, about in self.about.items() if rule(*about)]

    def subscribe(self, kind, expression, group=None, **fields):
        return self.lab.consumer(self.topic, group, filter=expression, type=kind,
                                 **{"from": "first_offset"}, **fields)


def check_gets(stream, consumers, stem="later", body=lambda number: ""):
    """consumers: with the rule of each. What was sent and what comes after: what its rule says."""
    stream.more(stem, body)
    for consumer, rule in consumers:
        consumer.wait_bodies(stream.matching(rule))
        consumer.stop()
        check_same(f"bodies of {consumer.name}", consumer.bodies(), stream.matching(rule))


def check_refused(stream, kind, expression, *reasons):
    """The client tells its user: by a failed start, or in its log when it pulls."""
    def told(text):
        return all(reason in text for reason in reasons)

    if stream.lab.client.start_asks:
        try:
            stream.subscribe(kind, expression)
        except Refused as why:
            check(told(str(why)), f"{expression} was refused with {why}, without {reasons}")
            return
        raise AssertionError(f"{expression} was not refused")
    consumer = stream.subscribe(kind, expression)
    until(f"{reasons} in the client's log", lambda: told(
        consumer.program.errors.read_text(errors="replace")), between=lambda: stream.lab.bench.hear(
            lambda: False, PAUSE_S))
    consumer.stop()
    check(not consumer.got(), f"{expression} got {consumer.bodies()}")


@feature("SQL92 over properties")
def sql_filter(lab):
    """A group for each expression; what is wrong with one is told."""
    stream = Stream(lab)
    stream.more("early")
    rules = RULES if lab.node.outside else {**RULES, **GANTRYS_RULES}
    check_gets(stream, [(stream.subscribe("SQL92", expression), rule)
                        for expression, rule in rules.items()])
    check_refused(stream, "SQL92", "a > 3 AND b IN (4)",
                  *(() if lab.node.outside else ("line 1, column 17: a text in '' is expected, not 4",)))


@feature("SQL92, retried messages", slow=True)
def sql_retry(lab):
    """What the broker stored for the group's retry is judged as of its topic. What the listener
    refuses comes again, unless the client leaves that to brokers who take it back (36)."""
    stream, group = Stream(lab), lab.name("group")
    refuses = lab.client.retries_itself or bool(lab.node.outside)

    def matching():
        return stream.matching(lambda a, region: region in ("eu", "asia"))

    for number in range(2 * len(REGIONS)):
        stream.feed_one(stream.topic, 0, f"sent{number}", number)
    retries = lab.topic(1, f"%RETRY%{group}")  # made before the clients ask for its route
    sent = matching()
    consumer = stream.subscribe("SQL92", "region IN ('eu', 'asia')", group, refuse=int(refuses),
                                threads=8)
    consumer.wait_bodies(sent)
    for number in range(len(REGIONS)):
        stream.feed_one(retries, 0, f"retried{number}", number, retries=1,
                        RETRY_TOPIC=stream.topic)
    again = matching() if refuses else [body for body in matching() if body not in sent]
    consumer.program.wait("all again", lambda: len(
        consumer.program.deliveries[consumer.name]) >= len(sent + again))
    consumer.stop()
    check_same("bodies", consumer.bodies(), sent + again)
    retried = [got.body for got in consumer.got() if got["again"] != "0"]
    check_same("bodies that came again", retried, again)


@feature("members who subscribe differently", gantry=True)
def members_differ(lab):
    """The node's log and `gantryctl group describe` tell the operator."""
    topic, group = lab.topic(QUEUES), lab.name("group")
    kind, one, other = ("SQL92", "a > 3", "a > 4") if "sql_filter" in lab.client.offers else (
        "TAG", "one", "other")
    first = lab.consumer(topic, group, filter=one, type=kind)
    describe = [lab.node.binary.with_name("gantryctl"), "-n", lab.node.nameserver,
                "group", "describe", "-g", group]
    second = lab.consumer(topic, group, filter=other, type=kind)

    def told(text):
        return any(f"group {group}: its members subscribe differently" in line and all(
            f"subscribes to {topic} with {kind} {expression}" in line for expression in (one, other))
            for line in text.splitlines())

    until("a warning in the node's log", lambda: told(lab.node.log()))
    said = subprocess.run(describe, capture_output=True, text=True).stdout
    check("WARNING: the members subscribe differently" in said and all(
        f"subscribes to {topic} with {kind} {expression}" in said for expression in (one, other)),
        f"gantryctl says:\n{said}")
    second.stop()
    until("the log's word that it is over", lambda: (
        f"group {group}: its members subscribe alike again") in lab.node.log())
    first.stop()


@feature("SQL92 that calls Lua", gantry=True)
def lua_in_sql(lab):
    """The script is given a property, and looks at the body besides."""
    stream = Stream(lab)

    def body(number):
        return "-vip" if number % 5 == 0 else ""

    stream.more("early", body)
    consumer = stream.subscribe("SQL92", "a > 3 AND lua('vip', region)")
    check_gets(stream, [(consumer, lambda a, region: a > 3 and (
        region in ("eu", "us") or a % 5 == 0))], body=body)
    check_refused(stream, "SQL92", "lua('nobody', region)", "nobody")


@feature("Lua, subscribed to by name", gantry=True)
def lua_type(lab):
    stream = Stream(lab)
    stream.more("early")
    check_gets(stream, [
        (stream.subscribe("LUA", "regions eu us"), lambda a, region: region in ("eu", "us")),
        (stream.subscribe("LUA", "regions asia"), lambda a, region: region == "asia")])
    check_refused(stream, "LUA", "nobody", "nobody")


@feature("Lua, bound by the operator", gantry=True)
def bound_script(lab):
    """Who subscribes to everything gets what the script lets through; another group all."""
    stream = Stream(lab, lab.topic(QUEUES, BOUND_TOPIC))
    stream.more("early")
    check_gets(stream, [
        (stream.subscribe("TAG", "*", BOUND_GROUP), lambda a, region: region == "eu"),
        (stream.subscribe("TAG", "*"), lambda a, region: True)])
