"""Several consumers of one group: who owns which queue, and what a change costs.

Ownership is seen from outside: a round of probes, one message a queue, shows who gets which.
"""
import threading
import time

import wire
from features import feature
from features.consuming import check_order
from lab import Fed, check, check_same

QUEUES = 8
COUNT = 400
OWNED_AGAIN_S_MAX = 2.0
STABLE_S_MAX = 60
STREAM_S = 0.001  # between two messages


class Group:
    """Consumers of one group and topic, and what was sent to them."""

    def __init__(self, lab, **fields):
        self.lab = lab
        self.fields = fields  # of its consumers
        self.topic, self.name = lab.topic(QUEUES), lab.name("group")
        self.consumers = []
        self.fed = Fed()
        self.round = 0
        self.probe()  # of a topic that has messages every consumer begins at the first

    def join(self, program=None):
        consumer = self.lab.consumer(self.topic, self.name, program,
                                     **{"from": "first_offset"}, **self.fields)
        self.consumers.append(consumer)
        return consumer

    def leave(self, consumer):
        self.consumers.remove(consumer)

    def probe(self):
        """Sends a message to every queue; their bodies."""
        self.round += 1
        bodies = [f"probe{self.round}.{queue}" for queue in range(QUEUES)]
        for queue, body in enumerate(bodies):
            self.lab.feed_one(self.fed, self.topic, queue, body)
        return bodies

    def receivers(self, bodies):
        """For each body when it came first, and to whom; waits until all have come."""
        first = {}

        def all_came():
            for consumer in self.consumers:
                for got in consumer.got():
                    if got.body not in first or got.at < first[got.body][0]:
                        first[got.body] = got.at, consumer
            return all(body in first for body in bodies)

        self.lab.bench.wait(f"{len(bodies)} messages of the group", all_came)
        return [first[body] for body in bodies]

    def recipients(self, bodies):
        """How often each came, to whomever."""
        came = [got.body for consumer in self.consumers for got in consumer.got()]
        return [came.count(body) for body in bodies]

    def settle(self, shares):
        """Until two rounds of probes running show the same owners, whose shares are as said and of
        whom no two got the same probe; the owners."""
        deadline, before, probed = time.monotonic() + STABLE_S_MAX, None, []
        while True:
            bodies = self.probe()
            owners = [consumer for _, consumer in self.receivers(bodies)]
            counts = sorted(owners.count(consumer) for consumer in self.consumers)
            once = set(self.recipients(probed)) <= {1}
            if owners == before and counts == sorted(shares) and once:
                return owners
            before, probed = owners, bodies
            check(time.monotonic() < deadline, f"queues are shared {counts}, not {shares}")


def check_exactly_once(group, fed, owners):
    """Each message went once, to the owner of its queue, in the order of the queue."""
    for consumer in group.consumers:
        mine = [got for got in consumer.got() if got.body in fed.places]
        wanted = [body for body, (queue, _) in fed.places.items() if owners[queue] is consumer]
        check_same("bodies of a consumer", [got.body for got in mine], wanted)
        check_order(mine, fed)


def deliver(group, stem, owners):
    """Sends, and checks that each comes exactly once."""
    fed = group.lab.feed(group.topic, COUNT, stem=stem)
    for consumer in group.consumers:
        consumer.wait_bodies(
            body for body, (queue, _) in fed.places.items() if owners[queue] is consumer)
    group.settle([owners.count(consumer) for consumer in group.consumers])  # a round later
    check_exactly_once(group, fed, owners)


@feature("rebalance on join and leave")
def rebalance(lab):
    """Two of a group over eight queues: four each, each message once between them."""
    group = Group(lab)
    first = group.join()
    deliver(group, "alone", group.settle([QUEUES]))
    second = group.join()
    deliver(group, "shared", group.settle([QUEUES // 2, QUEUES // 2]))
    second.stop()
    group.leave(second)
    owners = group.settle([QUEUES])
    check(owners == [first] * QUEUES, "the one that stayed doesn't own all")
    deliver(group, "again", owners)


class Stream:
    """Messages round the queues, from a thread of its own, while members come and go."""

    def __init__(self, group):
        self.group = group
        self.fed = Fed()
        self.over = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            with wire.Client(self.group.lab.node.broker) as client:
                number = 0
                while not self.over.wait(STREAM_S):
                    body, number = f"stream{number}", number + 1
                    fields = client.send(self.group.topic, number % QUEUES, body.encode())["extFields"]
                    self.fed.places[body] = int(fields["queueId"]), int(fields["queueOffset"])
        except Exception as why:
            self.failure = why

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        check(self.failure is None, f"sending failed: {self.failure!r}")


def check_one_after_the_other(deliveries):
    """Of a queue, a listener begins when the one before it ended, with a message whose predecessor
    was done. All ran in one program, whose clock counts such moments."""
    queues = {}
    for got in deliveries:
        queues.setdefault(got["queue"], []).append(
            (int(got["began"]), int(got["ended"]), int(got["offset"])))
    for queue, came in queues.items():
        before, done = 0, -1
        for began, ended, offset in sorted(came):
            check(before < began, f"queue {queue}: two listeners at once, at offset {offset}")
            check(offset <= done + 1, f"queue {queue}: {offset} came when only {done} was done")
            before, done = ended, max(done, offset)


@feature("push, orderly, members come and go")
def orderly_members(lab):
    """Under load, whoever has a queue: no message comes before its predecessor was done."""
    group = Group(lab, orderly=1, threads=4)
    first = group.join()
    group.settle([QUEUES])
    with Stream(group) as stream:
        second = group.join()
        group.settle([QUEUES // 2, QUEUES // 2])
        second.stop()
        group.leave(second)
        group.settle([QUEUES])
    lab.bench.wait("all that was sent", lambda: {
        got.body for consumer in (first, second) for got in consumer.got()} >= set(stream.fed.places))
    check(second.got(), "the second got nothing")
    check_one_after_the_other([*first.got(), *second.got()])


@feature("one of three killed")
def kill(lab):
    """Its queues are owned again at once; nothing is lost, only what moved may come twice."""
    group = Group(lab)
    others = [lab.bench.start_program() for _ in range(2)]
    group.join()
    for program in others:
        program.wait_ready()
        group.join(program)
    before = group.settle([2, 3, 3])
    fed = lab.feed(group.topic, COUNT, stem="before")
    victim = group.consumers[-1]
    victim.program.kill()
    killed = time.monotonic()
    lost_to = set(victim.bodies())
    group.leave(victim)
    owned = max(at for at, _ in group.receivers(group.probe()))
    after = group.settle([4, 4])
    fed.places.update(lab.feed(group.topic, COUNT, stem="after").places)
    group.receivers([body for body in fed.places if body not in lost_to])
    check(owned - killed < OWNED_AGAIN_S_MAX, f"queues were owned after {owned - killed:.2f} s")
    moved = {queue for queue in range(QUEUES) if before[queue] is not after[queue]}
    seen = {}
    for consumer in [*group.consumers, victim]:
        for got in consumer.got():
            seen[got.body] = seen.get(got.body, 0) + 1
    twice = {group.fed.places.get(body) or fed.places[body] for body, count in seen.items()
             if count > 1 and not body.startswith("probe")}
    check({queue for queue, _ in twice} <= moved, f"{sorted(twice)} came again, {moved} moved")
    missing = [body for body in fed.places if body not in seen]
    check(not missing, f"{len(missing)} never came: {missing[:5]}")
    others[0].close()
