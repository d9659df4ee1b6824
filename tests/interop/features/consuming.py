"""What consumers do. The runner feeds the topics, so it knows what is where."""
import time

from features import feature
from lab import Fed, check, check_same, until

COUNT = 200
LATENCY_S_MAX = 0.5
COMMIT_S_MAX = 5  # a client that stops commits one-way
ROUND_S = 0.2  # so long a round of messages has to come before the next is sent


def check_places(lab, deliveries, fed):
    """Of clients that tell: each message came from its place, and none as a retry."""
    if not lab.client.places:
        return
    for got in deliveries:
        place = int(got["queue"]), int(got["offset"])
        check(fed.places[got.body] == place, f"{got.body} came from {place}: {fed.places[got.body]}")
        check(got["again"] == "0", f"{got.body} came as retry {got['again']}")


def check_order(deliveries, fed):
    """Of every queue, what came is in the order of its offsets."""
    last = {}
    for got in deliveries:
        queue, offset = fed.places[got.body]
        check(last.get(queue, -1) < offset, f"queue {queue}: {offset} came after {last.get(queue)}")
        last[queue] = offset


@feature("push, concurrent")
def push_concurrent(lab):
    """Sent before and after it started: each once."""
    topic = lab.topic()
    before = lab.feed(topic, COUNT, stem="before")
    consumer = lab.consumer(topic, threads=8, **{"from": "first_offset"})
    after = lab.feed(topic, COUNT, stem="after")
    fed = before
    fed.places.update(after.places)
    consumer.wait_bodies(fed.places)
    consumer.stop()
    check_same("bodies", consumer.bodies(), fed.places)
    check_places(lab, consumer.got(), fed)


@feature("push, orderly")
def push_orderly(lab):
    """Each queue in order, and all is committed when it stops."""
    topic, group = lab.topic(), lab.name("group")
    fed = lab.feed(topic, COUNT, stem="before")
    consumer = lab.consumer(topic, group, orderly=1, threads=8, **{"from": "first_offset"})
    fed.places.update(lab.feed(topic, COUNT, stem="after").places)
    consumer.wait_bodies(fed.places)
    consumer.stop()
    check_same("bodies", consumer.bodies(), fed.places)
    check_places(lab, consumer.got(), fed)
    check_order(consumer.got(), fed)
    for queue, bodies in fed.by_queue().items():
        until(f"{len(bodies)} committed of queue {queue}",
              lambda: lab.committed(group, topic, queue) == len(bodies), COMMIT_S_MAX)


@feature("pull")
def pull(lab):
    topic = lab.topic(2)
    fed = lab.feed(topic, 80, queues=2)
    puller = lab.start("puller", topic)
    for queue, bodies in fed.by_queue().items():
        before, offset = len(puller.got()), 0
        while offset < len(bodies):
            answer = pull_once(puller, topic, queue, offset)
            check(answer["status"] == "FOUND", f"a pull at {offset}: {answer}")
            offset = int(answer["next"])
        check([got.body for got in puller.got()[before:]] == bodies, f"queue {queue}: other messages")
        if not lab.client.pull_waits:
            answer = pull_once(puller, topic, queue, offset)
            check(answer["status"] == "NO_NEW_MSG", f"at the end: {answer}")
        answer = pull_once(puller, topic, queue, offset + 100)
        check(answer["status"] == "OFFSET_ILLEGAL", f"beyond the end: {answer}")
        check(int(answer["next"]) == len(bodies), f"beyond the end: {answer}")
    check_places(lab, puller.got(), fed)


def pull_once(puller, topic, queue, offset):
    return puller.program.call("pull", by=puller.name, topic=topic, queue=queue, offset=offset)


@feature("lite pull, assigned queues")
def lite_assign(lab):
    """Two queues of four, from an offset."""
    topic = lab.topic(4)
    fed = lab.feed(topic, COUNT, queues=4)
    consumer = lab.start("lite", topic, assign=[0, 2], offset=10)
    queues = fed.by_queue()
    wanted = [body for queue in (0, 2) for body in queues[queue][10:]]
    consumer.wait_bodies(wanted)
    consumer.stop()
    check_same("bodies", consumer.bodies(), wanted)
    check_order(consumer.got(), fed)


@feature("lite pull, subscribed")
def lite_subscribe(lab):
    """A second one of the group goes on where the first one stopped."""
    topic, group = lab.topic(), lab.name("group")
    fed = lab.feed(topic, COUNT, stem="first")
    first = lab.start("lite", topic, group)
    first.wait_bodies(fed.places)
    first.stop()
    check_same("bodies", first.bodies(), fed.places)
    check_order(first.got(), fed)
    more = lab.feed(topic, COUNT, stem="second")
    second = lab.start("lite", topic, group)
    second.wait_bodies(more.places)
    second.stop()
    check_same("bodies after", second.bodies(), more.places)


@feature("broadcasting")
def broadcast(lab):
    """Two of a group each get everything, once they have begun."""
    topic, group = lab.topic(), lab.name("group")
    consumers = [lab.consumer(topic, group, broadcast=1) for _ in range(2)]
    for consumer in consumers:
        feed_until_begun(lab, topic, consumer)
    fed = lab.feed(topic, COUNT)
    for consumer in consumers:
        consumer.wait_bodies(fed.places)
        consumer.stop()
        got = [got for got in consumer.got() if got.body in fed.places]
        check_same("bodies", [one.body for one in got], fed.places)
        check_places(lab, got, fed)


def feed_until_begun(lab, topic, consumer):
    """Sends rounds of messages until the consumer has one of each queue; what was sent."""
    fed, number, stem = Fed(), 0, lab.name("new")

    def begun():
        return len({fed.places[body][0] for body in consumer.bodies() if body in fed.places}) == 8

    while not begun():
        check(number < 8 * COUNT, "not all queues are consumed")
        for queue in range(8):
            lab.feed_one(fed, topic, queue, f"{stem}.{number}")
            number += 1
        lab.bench.hear(begun, ROUND_S)
    return fed


def start_with(lab, start, topic, wanted, **fields):
    """A new broadcast consumer, whose start is its own to choose, gets these and nothing else."""
    consumer = lab.consumer(topic, broadcast=1, **{"from": start}, **fields)
    fed = lab.feed(topic, 16, stem="new")
    wanted = list(wanted) + list(fed.places)
    consumer.wait_bodies(wanted)
    consumer.stop()
    check_same("bodies", consumer.bodies(), wanted)


@feature("start at the first message")
def from_first(lab):
    topic = lab.topic()
    start_with(lab, "first_offset", topic, lab.feed(topic, COUNT).places)


@feature("start at the end")
def from_last(lab):
    """It takes up each queue at some moment after its start: from there all, and nothing before."""
    topic = lab.topic()
    lab.feed(topic, COUNT, stem="old")
    consumer = lab.consumer(topic, broadcast=1, **{"from": "last_offset"})
    fed = feed_until_begun(lab, topic, consumer)
    check(not [body for body in consumer.bodies() if body.startswith("old")], "old ones came")
    for bodies in fed.by_queue().values():
        consumer.wait_bodies(bodies[-1:])
        mine = [body for body in consumer.bodies() if body in bodies]
        check(mine == bodies[-len(mine):], f"{mine} came of {bodies}")


@feature("start at a time")
def from_timestamp(lab):
    """In whole seconds, which is what clients take: some messages are of the second before."""
    topic = lab.topic()
    second = int(time.time()) + 1
    fed, number = lab.feed(topic, 8, stem="early"), 0
    while time.time() < second:
        number += 1
        lab.feed_one(fed, topic, number % 8, f"m{number}")
    lab.feed(topic, COUNT, stem="late")
    wanted = [record.body.decode() for record in lab.stored(topic, 8, number + 8 + COUNT)
              if record.stored_ms >= second * 1000]
    check(len(wanted) >= COUNT, f"only {len(wanted)} are of that second")
    start_with(lab, "timestamp", topic, wanted,
               timestamp=time.strftime("%Y%m%d%H%M%S", time.localtime(second)))


@feature("tags, either of two")
def tag_filter(lab):
    topic = lab.topic()
    wanted = {}
    for tag in ("a", "b", "c", "aa"):
        fed = lab.feed(topic, 16, stem=tag, TAGS=tag)
        wanted.update(fed.places if tag in ("a", "b") else {})
    lab.feed(topic, 16, stem="untagged")
    consumer = lab.consumer(topic, filter="a || b", **{"from": "first_offset"})
    consumer.wait_bodies(wanted)
    more = lab.feed(topic, 16, stem="later-a", TAGS="a")
    lab.feed(topic, 16, stem="later-c", TAGS="c")
    last = lab.feed(topic, 8, stem="last-b", TAGS="b")
    wanted.update({**more.places, **last.places})
    consumer.wait_bodies(wanted)
    consumer.stop()
    check_same("bodies", consumer.bodies(), wanted)


@feature("long polling")
def long_poll(lab):
    """An idle consumer has each message as soon as it is sent."""
    topic = lab.topic(1)
    fed = lab.feed(topic, 1, queues=1, stem="first")
    consumer = lab.consumer(topic, **{"from": "first_offset"})
    consumer.wait_bodies(fed.places)
    took = []
    for number in range(20):
        at = time.monotonic()
        lab.feed_one(fed, topic, 0, f"next{number}")
        consumer.wait_bodies(fed.places)
        took.append(consumer.got()[-1].at - at)
    check(max(took) < LATENCY_S_MAX, f"seconds from send to consumer: {sorted(took)[-5:]}")
