"""What outlives a consumer or a node: offsets, and what administration finds or changes."""
import time

from features import feature
from lab import check, check_same, until

COUNT = 80
RESET_S_MAX = 90  # clients drop what they have, wait for ten seconds, and rebalance in their time


@feature("offsets and clients outlive the node", last=True)
def restart(lab):
    """A group goes on where it was; a consumer and a producer that stayed go on by themselves."""
    topic, group = lab.topic(), lab.name("group")
    old = {body: lab.send(topic, body) for body in (f"old{number}" for number in range(COUNT))}
    first = lab.consumer(topic, group, **{"from": "first_offset"})
    staying = lab.consumer(topic, **{"from": "first_offset"})
    for consumer in (first, staying):
        consumer.wait_bodies(old)
    first.stop()
    until("commits", lambda: total(lab, group, topic) == COUNT)
    lab.node.terminate()
    lab.node.start()
    lab.reconnect()
    check(total(lab, group, topic) == COUNT, "offsets are gone")
    new = {}
    for number in range(COUNT):
        send_again(lab, topic, f"new{number}", new)
    second = lab.consumer(topic, group, **{"from": "first_offset"})
    second.wait_bodies(new)
    staying.wait_bodies(new)
    check_same("bodies of the group's next", set(second.bodies()), new)
    check_same("bodies of the one that stayed", set(staying.bodies()), [*old, *new])


def send_again(lab, topic, body, answers):
    """A send that may meet the connection that the node ended."""
    deadline = time.monotonic() + 30
    while body not in answers:
        try:
            answers[body] = lab.send(topic, body)
        except Exception as why:
            check(time.monotonic() < deadline, f"sends fail after the restart: {why}")


def total(lab, group, topic):
    return sum(lab.committed(group, topic, queue) or 0 for queue in range(8))


@feature("query by key")
def query_key(lab):
    topic = lab.topic()
    bodies = [f"k{number}" for number in range(16)]
    for number, body in enumerate(bodies):
        lab.send(topic, body, keys=f"key{number % 4} all")
    for key, wanted in (("key1", bodies[1::4]), ("all", bodies)):
        until(f"the index of {key}", lambda: len(found(lab, topic, key)) == len(wanted))
        check_same(f"found by {key}", found(lab, topic, key), wanted)


def found(lab, topic, key):
    """The bodies that a query finds."""
    producer = lab.producer()
    before = len(lab.program.got(producer))
    try:
        lab.program.answer(lab.post("query_key", topic, key=key))
    except Exception as why:
        check("NO_MESSAGE" in str(why) or "no message" in str(why), f"the query failed: {why}")
    return [got.body for got in lab.program.got(producer)[before:]]


@feature("query by id")
def query_id(lab):
    """By the id that says where it is stored, and by the unique key."""
    topic = lab.topic()
    answer = lab.send(topic, "one", keys="key", tags="tag")
    for number in range(8):
        lab.send(topic, f"other{number}")
    for wanted in (answer["offset_msg"], answer["msg"]):
        until("the message by its id", lambda: query(lab, topic, wanted))
        got = query(lab, topic, wanted)
        check(got["body"] == "one" and got["keys"] == "key" and got["tags"] == "tag", f"{got}")
        check((got["queue"], got["offset"]) == (answer["queue"], answer["offset"]), f"{got}")


def query(lab, topic, wanted):
    """The message, or nothing as long as the index hasn't it."""
    try:
        return lab.program.answer(lab.post("query_id", topic, msg=wanted))
    except Exception as why:
        check("no message" in str(why), f"the query failed: {why}")
        return None


@feature("reset of offsets while online", slow=True)
def reset_offset(lab):
    """All that was consumed comes again to the running consumer."""
    topic, group = lab.topic(), lab.name("group")
    fed = lab.feed(topic, COUNT)
    consumer = lab.consumer(topic, group, **{"from": "first_offset"})
    consumer.wait_bodies(fed.places)
    said = lab.admin("resetOffsetByTime", "-n", lab.node.nameserver, "-g", group, "-t", topic,
                     "-s", str(int((time.time() - 3600) * 1000)))
    consumer.program.wait(f"all again; mqadmin said:\n{said}", lambda: len(
        consumer.program.deliveries[consumer.name]) >= 2 * COUNT, RESET_S_MAX)
    consumer.stop()
    check_same("bodies", consumer.bodies(), list(fed.places) * 2)


@feature("create a topic")
def create_topic(lab):
    topic = lab.name("made_by_client")
    lab.program.answer(lab.post(
        "create_topic", topic, queues=6, broker=lab.node.broker))
    answers = {body: lab.send(topic, body) for body in (f"t{number}" for number in range(24))}
    stored = lab.stored(topic, 6, 24)
    check_same("stored", [record.body.decode() for record in stored], answers)
    check({record.queue for record in stored} == set(range(6)), "not over its six queues")
