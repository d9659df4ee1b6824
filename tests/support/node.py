"""A Gantry node of its own for a case: free ports, a temporary folder, ended by its process id."""
import json
import os
import pathlib
import random
import re
import select
import signal
import socket
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"
START_S = 30
STOP_S = 30
OFFSET_FLUSH_MS = 500


def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_ports():
    """(name server, broker): the fast door is two below the broker. Below the ephemeral range, so
    that no outgoing connection takes one between here and the node's start."""
    while True:
        base = random.randrange(10_000, 30_000, 10)
        if all(free(base + extra) for extra in (0, 4, 6)):
            return base, base + 6


def configuration(folder, settings=(), nameserver=None):
    """conf/all-in-one.toml with free ports and its data below `folder`; (file, name server, broker).
    settings: values by key, by the table they go into. nameserver: a port for it that is free."""
    found, broker = free_ports()
    nameserver = nameserver or found
    addresses = {"nameserver": nameserver, "broker": broker, "broker_fast": broker - 2, "admin": 0}
    text = (ROOT / "conf" / "all-in-one.toml").read_text()
    for door, port in addresses.items():
        text, count = re.subn(rf'(name = "{door}"[^\[]*?\naddress = )"[^"]*"',
                              rf'\g<1>"127.0.0.1:{port}"', text)
        if count != 1:
            raise AssertionError(f"conf/all-in-one.toml has {count} doors named {door}")
    text = re.sub(r'\ndata_dir = "[^"]*"', f'\ndata_dir = "{folder}/data"', text)
    text = text.replace("[plugins.messaging]\n", "[plugins.messaging]\n"
                        f"offset_flush_interval_ms = {OFFSET_FLUSH_MS}\n")
    for table, values in dict(settings).items():
        text = with_settings(text, table, values)
    file = folder / "node.toml"
    file.write_text(text)
    return file, f"127.0.0.1:{nameserver}", f"127.0.0.1:{broker}"


def with_settings(text, table, values):
    """The configuration with these values in [table], instead of what it says of their keys."""
    head, _, rest = text.partition(f"[{table}]\n")
    section, mark, tail = rest.partition("\n[")
    if not rest:
        raise AssertionError(f"conf/all-in-one.toml has no table {table}")
    for key, value in values.items():
        section = re.sub(rf"^{key} = .*\n", "", section, flags=re.M)
        section = f"{key} = {toml(value)}\n" + section
    return head + f"[{table}]\n" + section + mark + tail


def toml(value):
    """A value of a setting as a configuration says it: texts, numbers, truths, lists and tables."""
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


class Node:
    """A node that this run starts, stops and kills. Its log is in <folder>/node.log."""

    outside = False

    def __init__(self, folder, build=BUILD, settings=(), start=True, nameserver=None):
        self.folder = folder
        self.binary = build / "bin" / "gantry"
        self.conf, self.nameserver, self.broker = configuration(folder, settings, nameserver)
        self.data = folder / "data"
        self.process = None
        if start:
            self.start()

    def start(self, environment=None, pass_fds=()):
        """Returns once the node accepts."""
        ready, theirs = os.pipe()
        with open(ready, "rb", buffering=0) as ready:
            with open(theirs, "wb", buffering=0):
                self.launch(["--ready-fd", str(theirs)], environment, [theirs, *pass_fds])
            heard, _, _ = select.select([ready], [], [], START_S)
            if heard and ready.read(1):
                return
        self.close()
        raise AssertionError("the node did not start:\n" + self.log())

    def launch(self, arguments=(), environment=None, pass_fds=()):
        with open(self.folder / "node.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "run", self.conf, *arguments], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd=self.folder, pass_fds=pass_fds,
                env={**os.environ, **(environment or {})})

    def start_and_kill(self, after_s):
        """A start that is killed, perhaps before it is one."""
        self.launch()
        try:
            code = self.process.wait(after_s)
            raise AssertionError(f"the node ended with {code} at start:\n" + self.log())
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self):
        return (self.folder / "node.log").read_text(errors="replace")

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, number):
        """Sends the signal and waits for the end; its exit code."""
        self.signal(number)
        return self.process.wait(STOP_S)

    def verify(self, *options):
        """(exit code, what it said) of `gantry verify` on the folder of the ended node."""
        run = subprocess.run([self.binary, "verify", self.data, "--config", self.conf, *options],
                             capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr

    def terminate(self):
        self.signal(signal.SIGTERM)
        self.wait()

    def wait(self):
        """For the end that SIGTERM began."""
        code = self.process.wait(STOP_S)
        if code != 0:
            raise AssertionError(f"the node ended with {code} on SIGTERM:\n{self.log()}")

    def kill(self):
        self.end(signal.SIGKILL)

    def check_alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the node ended with {self.process.returncode}:\n{self.log()}")

    def close(self):
        if self.process is not None and self.process.poll() is None:
            try:
                self.end(signal.SIGTERM)
            except subprocess.TimeoutExpired:
                self.kill()


class Outside:
    """A cluster that already runs, known by its name server: cases that end the node skip it."""

    outside = True

    def __init__(self, nameserver, broker):
        self.nameserver = nameserver
        self.broker = broker

    def check_alive(self):
        socket.create_connection(tuple(self.broker.rsplit(":", 1)), 5).close()

    def log(self):
        return ""

    def close(self):
        pass
