"""Java programs of tests/interop/java: built once by Maven, run one process at a time or beside
another, ended by closing their input."""
import hashlib
import pathlib
import re
import subprocess
import threading

PROJECT = pathlib.Path(__file__).resolve().parent / "java"
TARGET = PROJECT / "target"
UNREACHABLE = re.compile(r"Could not transfer|Connection (refused|timed out)|Unknown host|"
                         r"Network is unreachable|No route to host|Temporary failure in name|offline")
WAIT_S = 90
# Small and quick to start: several run beside the node on two cores.
MACHINE = ["-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]


class Unreachable(Exception):
    """The registry of Java packages can't be reached, so there is nothing to run."""


def fingerprint():
    """Changes when a source does."""
    digest = hashlib.sha256()
    for file in [PROJECT / "pom.xml", *sorted((PROJECT / "src").rglob("*.java"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def build():
    """Compiles and collects the libraries, unless that has been done for these sources."""
    stamp = TARGET / "built"
    if stamp.exists() and stamp.read_text() == fingerprint():
        return
    run = subprocess.run(
        ["mvn", "-B", "-q", "compile", "dependency:copy-dependencies", "-DincludeScope=runtime",
         f"-DoutputDirectory={TARGET / 'lib'}"], cwd=PROJECT, capture_output=True, text=True)
    if run.returncode == 0:
        stamp.write_text(fingerprint())
        return
    output = run.stdout + run.stderr
    if UNREACHABLE.search(output) and "COMPILATION ERROR" not in output:
        raise Unreachable(next(line for line in output.splitlines() if UNREACHABLE.search(line)))
    raise AssertionError(f"building tests/interop/java failed:\n{output}")


def command(folder, options, main, arguments):
    path = f"{TARGET / 'classes'}:{TARGET / 'lib'}/*"
    return ["java", *MACHINE, f"-Duser.home={folder}", "-Drocketmq.client.rebalance.waitInterval=1000",
            *options, "-cp", path, main, *map(str, arguments)]


def mqadmin(folder, *arguments):
    """What the admin tool prints."""
    run = subprocess.run(
        command(folder, [], "org.apache.rocketmq.tools.command.MQAdminStartup", arguments),
        capture_output=True, text=True, timeout=WAIT_S, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "ROCKETMQ_HOME": str(folder)})
    return run.stdout + run.stderr


class Program:
    """One of our Java programs; what it says is collected as it comes."""

    def __init__(self, folder, options, main, *arguments):
        self.name = f"{main} {' '.join(map(str, arguments[1:]))}"
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        self.errors = folder / f"{main}-{id(self)}.err"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                command(folder, options, f"org.gantry.interop.{main}", arguments),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder)
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


class Producer(Program):
    """acked: number → (queue, queue offset) of every acknowledged send."""

    def __init__(self, folder, options, nameserver, topic, first=0, count=0):
        self.acked = {}
        self.lost = []
        super().__init__(folder, options, "Produce", nameserver, topic, first, count)

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
        super().__init__(folder, options, "Consume", nameserver, group, topic, most)

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
