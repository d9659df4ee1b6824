"""What a cell of the table works with: a client's programs, a node, and a plain connection beside
them that creates topics, feeds them and reads what is stored."""
import contextlib
import pathlib
import random
import signal
import tempfile
import threading
import time

import java
import wire
from program import Program

DEADLINE_S = 60
PAUSE_S = 0.1


class Fed:
    """Messages that the runner sent: body → (queue, offset)."""

    def __init__(self):
        self.places = {}

    def by_queue(self):
        """queue → bodies in the order of their offsets."""
        queues = {}
        for body, (queue, offset) in self.places.items():
            queues.setdefault(queue, []).append((offset, body))
        return {queue: [body for _, body in sorted(found)] for queue, found in queues.items()}


class Bench:
    """A client and its node, for all its cells. Its programs end with it."""

    def __init__(self, client, installed, node, folder):
        self.client = client
        self.installed = installed
        self.node = node
        self.folder = folder
        self.programs = []
        self.lock = threading.Lock()
        self.changed = threading.Condition()
        self.unique = f"{random.randrange(1 << 32):08x}"
        self.named = 0
        self.producers = f"producers_{self.unique}"  # the group
        self.producing = None
        self.program = self.start_program()

    def main_program(self):
        """The one that most cells share; another one when it has ended."""
        with self.lock:
            if self.program.ended:
                self.program, self.producing = self.start_program(), None
            self.program.wait_ready()
            return self.program

    def crashed_since(self, moment):
        """Whether a program died of a signal that nobody here sent it. moment: time.monotonic()."""
        return any(program.ended and program.ended_at >= moment and
                   program.process.wait() in (-signal.SIGSEGV, -signal.SIGABRT)
                   for program in self.programs)

    def start_program(self):
        """One more process of the client's program, not ready yet."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="program-", dir=self.folder))
        program = Program(
            self.client.command(self.installed, folder, self.node.nameserver), folder,
            self.changed)
        self.programs.append(program)
        return program

    def name(self, stem):
        with self.lock:
            self.named += 1
            return f"{stem}_{self.unique}_{self.named}"

    def producer(self):
        """The name of the program's producer, started when it is first asked for."""
        with self.lock:
            if self.producing is None:
                self.producing = f"producer_{self.unique}"
                self.program.call("producer", **{"as": self.producing}, group=self.producers)
            return self.producing

    def wait(self, what, condition, seconds=DEADLINE_S):
        """Until condition() holds of what any of the programs has said."""
        with self.changed:
            check(self.changed.wait_for(condition, seconds), f"waited in vain for {what}")

    def hear(self, condition, seconds):
        """Until condition() holds of what has been said, or so long."""
        with self.changed:
            self.changed.wait_for(condition, seconds)

    def close(self):
        for program in self.programs:
            program.close()


class Lab:
    """For one cell: fresh names, a plain connection of its own."""

    def __init__(self, bench):
        self.bench = bench
        self.client = bench.client
        self.node = bench.node
        self.program = bench.main_program()
        self.wire = wire.Client(self.node.broker)
        self.started = []

    def close(self):
        self.wire.close()

    def name(self, stem):
        return self.bench.name(stem)

    def reconnect(self):
        """After a restart of the node."""
        self.wire.close()
        self.wire = wire.Client(self.node.broker)

    # ---------------------------------------------------------------- topics and messages
    def topic(self, queues=8, name=None):
        """A new topic that its route is known of. name: if it matters."""
        name = name or self.name("topic")
        header = self.wire.create_topic(name, queues)
        check(header["code"] == 0, f"creating {name} was answered {header}")
        with wire.Client(self.node.nameserver) as client:
            until(f"the route of {name}",
                  lambda: client.ask(wire.GET_ROUTE, {"topic": name})[0]["code"] == 0)
        return name

    def feed(self, topic, count, queues=8, stem="m", **properties):
        """Sends numbered messages, round the queues; what was acknowledged where."""
        fed = Fed()
        for number in range(count):
            self.feed_one(fed, topic, number % queues, f"{stem}{number}", **properties)
        return fed

    def feed_one(self, fed, topic, queue, body, retries=0, **properties):
        """retries: how often it was retried, in the words of the broker who stores it."""
        header = self.wire.send(topic, queue, body.encode(), properties, retries)
        check(header["code"] == 0, f"a send was answered {header}")
        fields = header["extFields"]
        fed.places[body] = int(fields["queueId"]), int(fields["queueOffset"])

    def stored(self, topic, queues, count):
        """Every record of the topic, once there are so many: an answer may come before a reader
        sees what it is about."""
        found = []

        def all_there():
            found[:] = [record for queue in range(queues)
                        for record in wire.pull_all_records(self.wire, topic, queue)]
            return len(found) >= count

        until(f"{count} records of {topic}", all_there)
        return found

    def queues_of(self, topic):
        """How many queues its route says it has."""
        with wire.Client(self.node.nameserver) as client:
            _, body = client.ask(wire.GET_ROUTE, {"topic": topic})
        return wire.java_json(body.decode())["queueDatas"][0]["readQueueNums"]

    def committed(self, group, topic, queue):
        """The group's offset, or None."""
        header, _ = self.wire.ask(wire.QUERY_OFFSET, {
            "consumerGroup": group, "topic": topic, "queueId": str(queue),
            "setZeroIfNotFound": "false"})
        return int(header["extFields"]["offset"]) if header["code"] == 0 else None

    # ---------------------------------------------------------------- the client's
    def producer(self):
        return self.bench.producer()

    def wait_producer_known(self):
        """Until the broker has its heartbeat."""
        group = {"producerGroup": self.bench.producers}
        until("the producer's heartbeat", lambda: self.wire.ask(wire.PRODUCERS, group)[0]["code"] == 0,
              between=lambda: self.bench.hear(lambda: False, PAUSE_S))

    def post(self, verb, topic, **fields):
        return self.program.post(verb, by=self.producer(), topic=topic, **fields)

    def send(self, topic, body, **fields):
        """The answer to one send."""
        return self.program.answer(self.post("send", topic, body=body, **fields))

    def consumer(self, topic, group=None, program=None, **fields):
        """A started push consumer."""
        return self.start("consumer", topic, group, program, **fields)

    def start(self, verb, topic, group=None, program=None, **fields):
        name, program = self.name(verb), program or self.program
        program.call(verb, **{"as": name}, topic=topic, group=group or self.name("group"), **fields)
        consumer = Consumer(program, name)
        self.started.append(consumer)
        return consumer

    def admin(self, *arguments):
        """What RocketMQ's admin tool prints."""
        return java.mqadmin(self.bench.folder, *arguments)

    def stop_all(self):
        """Ends what the cell's consumers still run, so that they don't burden the next cells."""
        for consumer in self.started:
            consumer.stop()

    def stop_quietly(self):
        """The same after a failure, which is what counts."""
        with contextlib.suppress(Exception):
            self.stop_all()


class Consumer:
    """A consumer in a program."""

    def __init__(self, program, name):
        self.program = program
        self.name = name
        self.stopped = False

    def got(self):
        return self.program.got(self.name)

    def bodies(self):
        return [delivery.body for delivery in self.got()]

    def wait_bodies(self, bodies):
        """Until each of these has come."""
        wanted = set(bodies)
        self.program.wait(f"{len(wanted)} messages of {self.name}", lambda: wanted <= {
            delivery.body for delivery in self.program.deliveries.get(self.name, ())})

    def stop(self):
        if not self.stopped and not self.program.ended:
            self.program.call("stop", **{"as": self.name})
        self.stopped = True


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def check_same(what, found, wanted):
    """The same things as often, in any order."""
    found, wanted = sorted(found), sorted(wanted)
    check(found == wanted, f"{what}: {len(found)} instead of {len(wanted)}; "
          f"missing {sorted(set(wanted) - set(found))[:5]}, "
          f"too many {[one for one in found if found.count(one) > wanted.count(one)][:5]}")


def until(what, condition, seconds=DEADLINE_S, between=lambda: None):
    """Asks until the answer is yes. Each asking is a round trip, which is what paces it. between:
    paces it more, where a client takes seconds by its own clock."""
    deadline = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < deadline, f"waited in vain for {what}")
        between()
