"""RocketMQ's admin tool, and the programs of the cases that end a node: one process each."""
import os
import re
import subprocess
import threading

import install
from clients import JVM

VERSION = "5.5.0"
WAIT_S = 90
PAUSE_S = 0.1


def command(folder, options, path, main, arguments):
    return ["java", *JVM, f"-Duser.home={folder}", *options, "-cp", path, main,
            *map(str, arguments)]


def mqadmin(folder, *arguments):
    """What the admin tool prints."""
    run = subprocess.run(
        command(folder, [], install.java_tools(VERSION),
                "org.apache.rocketmq.tools.command.MQAdminStartup", arguments),
        capture_output=True, text=True, timeout=WAIT_S, stdin=subprocess.DEVNULL,
        cwd=folder,  # where it leaves what consumerStatus found
        env={"PATH": os.environ["PATH"], "ROCKETMQ_HOME": str(folder)})
    return run.stdout + run.stderr


class Program:
    """A Java program; what it says is collected as it comes."""

    def __init__(self, folder, name, words, environment=None):
        self.name = name
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        self.errors = folder / f"{id(self)}.err"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                cwd=folder, env={**os.environ, **(environment or {})})
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.heard(line.split())
                self.lines.append(line)
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def heard(self, words):
        """A line came; called with the lock held."""

    def wait(self, what, condition, seconds=WAIT_S):
        """Until condition() holds of what has been heard."""
        with self.changed:
            self.changed.wait_for(lambda: condition() or self.ended, seconds)
            if condition():
                return
        raise AssertionError(f"{self.name}: waited in vain for {what}; {self.said()}")

    def hear(self, condition, seconds):
        """Until condition() holds of what has been heard, or so long; whether it does."""
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def pause(self):
        """Between two questions about what it does: a moment, or until it ends."""
        self.hear(lambda: self.ended, PAUSE_S)

    def wait_line(self, line):
        self.wait(f"'{line}'", lambda: f"{line}\n" in self.lines)

    def said(self):
        last = "".join(self.lines[-5:])
        return f"its last lines:\n{last}{self.errors.read_text(errors='replace')[-2000:]}"

    def stop(self):
        """Asks for an orderly end and waits for it."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        self.wait_line("done")
        self.process.wait(WAIT_S)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        if not self.process.stdin.closed:
            self.process.stdin.close()


def own(folder, options, main, arguments):
    """The command of one of our programs."""
    return command(folder, [*options, "-Drocketmq.client.rebalance.waitInterval=1000"],
                   install.java(VERSION), f"org.gantry.interop.{main}", arguments)


class Example(Program):
    """One of RocketMQ's example programs, as it is."""

    def __init__(self, folder, main, nameserver):
        super().__init__(
            folder, main, command(folder, [], install.java_tools(VERSION),
                                  f"org.apache.rocketmq.example.{main}", []),
            {"NAMESRV_ADDR": nameserver})

    def wait_end(self):
        """Until it ends by itself, and well."""
        self.wait("its end", lambda: self.ended)
        code = self.process.wait(WAIT_S)
        if code != 0:
            raise AssertionError(f"{self.name} ended with {code}; {self.said()}")

    def found(self, pattern):
        """What the pattern finds in what was said so far."""
        with self.changed:
            return re.findall(pattern, "".join(self.lines))

    def wait_found(self, pattern, count):
        """Until it is found so often; all that was found."""
        self.wait(f"{pattern} {count} times", lambda: len(self.found(pattern)) >= count)
        return self.found(pattern)


class Producer(Program):
    """acked: number → (queue, queue offset) of every acknowledged send."""

    def __init__(self, folder, options, nameserver, topic, first=0, count=0):
        self.acked = {}
        self.lost = []
        super().__init__(folder, f"Produce {topic} {first}", own(
            folder, options, "Produce", [nameserver, topic, first, count]))

    def heard(self, words):
        if words[0] == "acked":
            self.acked[int(words[1])] = int(words[2]), int(words[3])
        elif words[0] == "lost":
            self.lost.append(" ".join(words))


class Consumer(Program):
    """got: (number, queue, queue offset) of every delivery, in order."""

    def __init__(self, folder, options, nameserver, group, topic, most=0):
        self.got = []
        self.places = set()
        self.retried = 0
        super().__init__(folder, f"Consume {group}", own(
            folder, options, "Consume", [nameserver, group, topic, most]))

    def heard(self, words):
        if words[0] == "got":
            number, queue, offset, retries = map(int, words[1:])
            self.got.append((number, queue, offset))
            self.places.add((queue, offset))
            self.retried += retries > 0

    def duplicates(self):
        return len(self.got) - len(self.places)

    def wait_count(self, count):
        self.wait(f"{count} messages, has {len(self.places)}", lambda: len(self.places) >= count)

    def wait_places(self, places):
        """Until every one of these (queue, offset) has come."""
        self.wait(f"{len(places)} places", lambda: places <= self.places)
