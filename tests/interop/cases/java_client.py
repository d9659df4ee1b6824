"""The Java client against a node: sending, push consumers, restarts of either side."""
import time

from cases import CASES, case, check

COUNT = 1000
# A consumer that stopped in order is given at most this much again: what one pull brought.
AGAIN_MAX = 32
SERIALIZATIONS = {"json": [], "compact": ["-Drocketmq.serialize.type=ROCKETMQ"]}


def both(function):
    """Registers a case once per serialization of the header."""
    for name, options in SERIALIZATIONS.items():
        def run(lab, options=options):
            function(lab, options)
        case(f"{function.__name__}_{name}", java=True,
             restarts=function.__name__.startswith("java_survives"))(run)
    return function


def check_order(consumer):
    """Of every queue, what came the first time came in order; numbers rise with offsets."""
    last, seen = {}, set()
    for number, queue, offset in consumer.got:
        if (queue, offset) in seen:
            continue
        seen.add((queue, offset))
        before = last.get(queue, (-1, -1))
        check(before[0] < offset and before[1] < number,
              f"queue {queue}: offset {offset} (message {number}) came after {before}")
        last[queue] = offset, number


def check_got_all(consumers, acked):
    """Each acknowledged message came from the place its answer named."""
    got = {place: number for consumer in consumers for number, *place in consumer.got
           for place in [tuple(place)]}
    wrong = {number: place for number, place in acked.items() if got.get(place) != number}
    check(not wrong, f"{len(wrong)} of {len(acked)} messages are missing: {dict(list(wrong.items())[:5])}")


def check_dense(acked, queues):
    """Offsets of a queue are 0, 1, 2, ..."""
    by_queue = {}
    for queue, offset in acked.values():
        by_queue.setdefault(queue, []).append(offset)
    check(sorted(by_queue) == list(range(queues)), f"queues used: {sorted(by_queue)}")
    for queue, offsets in by_queue.items():
        check(sorted(offsets) == list(range(len(offsets))), f"queue {queue} has gaps or doubles")


@both
def java_sends_and_consumes(lab, options):
    """1,000 sends to a topic nobody made; a consumer from before it exists, one from after."""
    topic = lab.name("topic")
    before = lab.consumer(options, lab.name("before"), topic)
    before.wait_line("started")
    producer = lab.producer(options, topic, 0, COUNT)
    producer.wait_line("done")
    check(len(producer.acked) == COUNT, f"{len(producer.acked)} acknowledged; {producer.lost[:3]}")
    check_dense(producer.acked, 8)
    after = lab.consumer(options, lab.name("after"), topic)
    for consumer in (before, after):
        consumer.wait_count(COUNT)
        consumer.stop()
        check_got_all([consumer], producer.acked)
        check_order(consumer)
        check(consumer.duplicates() == 0, f"{consumer.duplicates()} duplicates")
        check(consumer.retried == 0, f"{consumer.retried} came as retries")


@both
def java_consumer_restarts(lab, options):
    """A consumer that stopped in the middle goes on where it had committed."""
    topic, group = lab.name("topic"), lab.name("group")
    producer = lab.producer(options, topic, 0, COUNT)
    producer.wait_line("done")
    first = lab.consumer(options, group, topic, most=400)
    first.wait_count(400)
    first.stop()
    second = lab.consumer(options, group, topic)
    second.wait_places(set(producer.acked.values()) - first.places)
    second.stop()
    check_got_all([first, second], producer.acked)
    check_order(second)
    again = len(first.places & second.places)
    check(again <= AGAIN_MAX, f"{again} messages came again after the restart")


def outlive(lab, options, end_node):
    """A producer and a consumer stay up while the node ends and starts again; a second group stopped
    before that goes on afterwards. No acknowledged message is lost."""
    topic, group = lab.name("topic"), lab.name("group")
    live = lab.consumer(options, lab.name("live"), topic)
    first = lab.consumer(options, group, topic, most=300)
    live.wait_line("started")
    first.wait_line("started")
    producer = lab.producer(options, topic)
    first.wait_count(300)
    first.stop()
    end_node(producer)
    lab.node.start()
    known = len(producer.acked)
    producer.wait("sends after the restart", lambda: len(producer.acked) >= known + 200)
    producer.stop()
    places = set(producer.acked.values())
    check(len(places) == len(producer.acked), "two acknowledged messages have one place")
    second = lab.consumer(options, group, topic)
    live.wait_places(places)
    second.wait_places(places - first.places)
    for consumer in (live, second):
        consumer.stop()
        check_order(consumer)
    check_got_all([live], producer.acked)
    check_got_all([first, second], producer.acked)
    check(live.duplicates() == 0, f"the running consumer was given {live.duplicates()} again")
    again = len(first.places & second.places)
    check(again <= AGAIN_MAX, f"{again} messages came again after the restart")


@both
def java_survives_node_restart(lab, options):
    outlive(lab, options, lambda producer: lab.node.terminate())


@both
def java_survives_node_kill(lab, options):
    """kill -9 in the middle of sends. Offsets are durable within offsets_durable_s, under load."""
    def kill(producer):
        enough = time.monotonic() + lab.offsets_durable_s
        producer.wait("load until offsets are durable", lambda: time.monotonic() > enough)
        lab.node.kill()
    outlive(lab, options, kill)


__all__ = ["CASES"]
