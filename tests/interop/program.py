"""A client's program: takes commands on standard input, says on standard output what happened.

Every client's program speaks the same lines: form-encoded fields. A command is `id=N&do=VERB&...`; its
answer has the same id, and `error` when it failed. A message given to a consumer is
`got=CONSUMER&...`. Lines that are none of these (a client's own logging) are kept for reports.
"""
import os
import subprocess
import threading
import time
import urllib.parse

WAIT_S = 60


class Refused(Exception):
    """A command failed; the text is the client's own."""


class Delivery(dict):
    """A message as a consumer got it: the fields of its line, and when the line came."""

    def __init__(self, fields, at):
        super().__init__(fields)
        self.at = at

    @property
    def body(self):
        return self["body"]

    def properties(self):
        return {name[2:]: value for name, value in self.items() if name.startswith("p.")}


class Program:
    """One process. Any thread may use it. changed: told of every line; programs may share it."""

    def __init__(self, command, folder, changed=None, environment=None):
        self.folder = folder
        self.answers = {}
        self.deliveries = {}  # consumer → Delivery, in the order of their lines
        self.other = []
        self.ready = self.ended = False
        self.asked = 0
        self.changed = changed or threading.Condition()
        self.errors = folder / "errors"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=errors, text=True, encoding="utf-8", errors="replace", cwd=folder,
                env={**os.environ, "HOME": str(folder), **(environment or {})})
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            now = time.monotonic()
            fields = dict(urllib.parse.parse_qsl(line.rstrip("\n"), keep_blank_values=True))
            with self.changed:
                self.heard(line, fields, now)
                self.changed.notify_all()
        with self.changed:
            self.ended_at = time.monotonic()
            self.ended = True
            self.changed.notify_all()

    def heard(self, line, fields, now):
        if "got" in fields:
            self.deliveries.setdefault(fields["got"], []).append(Delivery(fields, now))
        elif "id" in fields:
            self.answers[int(fields["id"])] = fields
        elif "ready" in fields:
            self.ready = True
        else:
            self.other.append(line)

    def wait_ready(self):
        self.wait("its start", lambda: self.ready)

    def post(self, do, **fields):
        """Begins a command; what `answer` takes. A list is a field that repeats."""
        with self.changed:
            self.asked += 1
            ticket = self.asked
            line = urllib.parse.urlencode({"id": ticket, "do": do, **fields}, doseq=True)
            try:
                self.process.stdin.write(line + "\n")
                self.process.stdin.flush()
            except BrokenPipeError:
                raise AssertionError(f"the program has ended; {self.said()}") from None
        return ticket

    def answer(self, ticket, seconds=WAIT_S):
        self.wait(f"the answer to command {ticket}", lambda: ticket in self.answers, seconds)
        answer = self.answers.pop(ticket)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def call(self, do, **fields):
        return self.answer(self.post(do, **fields))

    def got(self, consumer):
        with self.changed:
            return list(self.deliveries.get(consumer, ()))

    def wait(self, what, condition, seconds=WAIT_S):
        """Until condition() holds of what has been heard."""
        with self.changed:
            self.changed.wait_for(lambda: condition() or self.ended, seconds)
            if condition():
                return
        raise AssertionError(f"waited in vain for {what}; {self.said()}")

    def said(self):
        last = "".join(self.other[-10:])
        how = f"it has ended with {self.process.poll()}, " if self.ended else ""
        return f"{how}its last lines:\n{last}{self.errors.read_text(errors='replace')[-3000:]}"

    def kill(self):
        """kill -9, then all it had said is read."""
        self.process.kill()
        self.process.wait()
        self.reader.join()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # a command was on its way
