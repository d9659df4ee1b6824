"""Groups that consume and commit as fast as they may, and the journal of what they committed when."""
import asyncio
import collections
import json
import random
import time

import load
import wire

TOPIC = "torture_offsets"
GROUPS = 2000
QUEUES = 8
PLACES = GROUPS * QUEUES  # a group in a queue
QUEUE_MESSAGES = 500      # more than a place consumes in a run
CONNECTIONS = 8
DEPTH = 32
UPDATE_OFFSET, CREATE_GROUPS = 15, 225
# A pull's flags: it commits, and brings its own subscription.
COMMITS, SUBSCRIBES = 1, 4

Loss = collections.namedtuple("Loss", "place age_s")


def group_of(place):
    return f"torture_group_{place // QUEUES:04}"


def name_of(place):
    return f"{group_of(place)} in queue {place % QUEUES}"


def place_fields(place):
    return {"consumerGroup": group_of(place), "topic": TOPIC, "queueId": str(place % QUEUES)}


class Journal:
    """Of each place: how far it consumed, the highest offset it committed, and what was answered, as
    rising offsets with the time of the answer, since the node last started."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.began = [0] * PLACES  # where the node said the group stands when it started
        self.forget()

    def forget(self):
        """The node was started: who consumed goes on where it says."""
        self.consumed = list(self.began)
        self.committed = list(self.began)
        self.acked = [[] for _ in range(PLACES)]

    def acked_count(self):
        return sum(len(acked) for acked in self.acked)

    def floor(self, place, until_s):
        """What had been acknowledged by then."""
        return max((offset for when_s, offset in self.acked[place] if when_s <= until_s),
                   default=self.began[place])

    def compare(self, found, until_s, end_s):
        """(what is wrong, the losses): found: the offsets that the node has since it started again.
        None is above what was committed or below what was acknowledged until `until_s`."""
        wrong, losses = [], []
        for place, offset in enumerate(found):
            if offset > self.committed[place]:
                wrong.append(f"{name_of(place)} stands at {offset}, committed at most was "
                             f"{self.committed[place]}")
            if offset < (floor := self.floor(place, until_s)):
                wrong.append(f"{name_of(place)} stands at {offset}, {floor} was acknowledged in time:"
                             f" {[(when - end_s, at) for when, at in self.acked[place]]}")
            lost = [when_s for when_s, at in self.acked[place] if at > offset]
            if lost:
                losses.append(Loss(place, end_s - min(lost)))
        self.began = found
        self.forget()
        return wrong, losses


class Consumer(load.Pipeline):
    """Of the places of one connection each has at most one request on its way: a pull, which commits
    what was consumed before it, or a commit of its own."""

    def __init__(self, journal, places, depth, progress):
        super().__init__(depth, progress)
        self.journal = journal
        self.ready = collections.deque(places)

    def request(self):
        place = self.ready.popleft()
        journal, offset = self.journal, self.journal.consumed[place]
        fields = place_fields(place)
        fields["commitOffset"] = str(offset)
        code = UPDATE_OFFSET
        if offset == journal.committed[place] or journal.random.random() < 0.5:
            code = wire.PULL
            fields |= {"queueOffset": str(offset), "maxMsgNums": "1", "suspendTimeoutMillis": "0",
                       "sysFlag": str(COMMITS | SUBSCRIBES), "subscription": "*",
                       "subVersion": "0", "expressionType": "TAG"}
        journal.committed[place] = offset
        return code, fields, b"", (place, offset, code)

    def answered(self, asked, header):
        place, offset, code = asked
        if header["code"] != 0:
            raise AssertionError(f"{name_of(place)} at {offset}: {code} was answered {header}")
        acked = self.journal.acked[place]
        if offset > (acked[-1][1] if acked else self.journal.began[place]):
            acked.append((time.monotonic(), offset))
        if code == wire.PULL:
            self.journal.consumed[place] = int(header["extFields"]["nextBeginOffset"])
        self.ready.append(place)
        return True


class Asking(load.Pipeline):
    """Requests that are known beforehand; answers in their order."""

    def __init__(self, requests, depth, progress):
        super().__init__(min(depth, len(requests)), progress)
        self.requests = iter(requests)
        self.left = len(requests)
        self.answers = [None] * len(requests)

    def request(self):
        return *next(self.requests), self.opaque - 1

    def answered(self, number, header):
        self.answers[number] = header
        self.left -= 1
        if self.left == 0:
            self.stop()
        return self.left >= self.depth


async def commit_until(address, journal, end_when):
    """Consumes and commits; end_when as with load.keep_busy()."""
    places = list(range(PLACES))
    journal.random.shuffle(places)
    await load.keep_busy(
        address, CONNECTIONS,
        lambda number, progress: Consumer(journal, places[number::CONNECTIONS], DEPTH, progress),
        end_when)


def ask_all(address, requests):
    """The header of each answer."""
    made = []

    def make(_, progress):
        made.append(Asking(requests, DEPTH, progress))
        return made[0]
    asyncio.run(load.keep_busy(address, 1, make, lambda _: None))
    return made[0].answers


def prepare(address):
    """The topic with its messages, and the groups."""
    with wire.Client(address) as client:
        groups = {"groupConfigList": [{"groupName": group_of(place)}
                                      for place in range(0, PLACES, QUEUES)]}
        made = [client.create_topic(TOPIC, QUEUES),
                client.ask(CREATE_GROUPS, body=json.dumps(groups).encode())[0]]
    sends = [(wire.SEND, wire.send_fields(TOPIC, queue), b"m")
             for _ in range(QUEUE_MESSAGES) for queue in range(QUEUES)]
    refused = [header for header in made + ask_all(address, sends) if header["code"] != 0]
    if refused:
        raise AssertionError(f"{len(refused)} of the preparations were refused: {refused[0]}")


def offsets(address):
    """Where each place stands, as the node says."""
    answers = ask_all(address, [(wire.QUERY_OFFSET, place_fields(place), b"")
                                for place in range(PLACES)])
    for place, header in enumerate(answers):
        if header["code"] != 0:
            raise AssertionError(f"{name_of(place)}: the query was answered {header}")
    return [int(header["extFields"]["offset"]) for header in answers]
