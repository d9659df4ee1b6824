"""What the benches run: servers and loads on loopback, each on a core of its own, data on a disk.

A server is started, loaded by gantry_load and ended by its process id. Everything it writes is
below one temporary folder, which goes with the bench.
"""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
import node as plain_node  # noqa: E402  (found by the line above)
import wire  # noqa: E402

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[0]
LOAD_CORE = CORES[1] if len(CORES) > 1 else CORES[0]
NOOP_CODE = 9100
TOPIC = "bench"
QUEUES = 4
STOP_S = 60


class Wrong(Exception):
    """The bench can't tell figures: an answer was lost, a server died, a tool failed."""


@contextlib.contextmanager
def pinned(core):
    """Processes started meanwhile run on `core` alone, all their threads included."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def filesystem_of(folder):
    return subprocess.run(["stat", "-f", "-c", "%T", folder], check=True, text=True,
                          capture_output=True).stdout.strip()


@contextlib.contextmanager
def data_folder(build):
    """A temporary folder below $TMPDIR, or the build's, on a disk: memory would prove nothing."""
    for parent in filter(None, (os.environ.get("TMPDIR"), str(build))):
        if filesystem_of(parent) not in ("tmpfs", "ramfs"):
            break
    else:
        raise Wrong(f"{parent} is in memory: set TMPDIR to a folder on a disk")
    with tempfile.TemporaryDirectory(prefix="gantry-bench-", dir=parent) as folder:
        yield pathlib.Path(folder)


def run_tool(command, core=LOAD_CORE):
    """Runs one of the bench's programs on a core, or on all; the JSON line it printed."""
    with pinned(core) if core is not None else contextlib.nullcontext():
        done = subprocess.run([str(word) for word in command], text=True, capture_output=True)
    if done.returncode != 0:
        raise Wrong(f"{pathlib.Path(command[0]).name} failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


class Yardstick:
    """gantry_echo as `echo` or `mini`."""

    def __init__(self, tools, kind, folder=None):
        command = [tools / "gantry_echo", kind] + (["--folder", folder] if folder else [])
        with pinned(SERVER_CORE):
            self.process = subprocess.Popen([str(word) for word in command], text=True,
                                            stdout=subprocess.PIPE)
        port = self.process.stdout.readline().strip()
        if not port:
            raise Wrong(f"gantry_echo {kind} did not start")
        self.address = f"127.0.0.1:{port}"

    def check_alive(self):
        if self.process.poll() is not None:
            raise Wrong(f"gantry_echo ended with {self.process.returncode}")

    def close(self):
        self.process.terminate()
        self.process.wait(STOP_S)
        self.process.stdout.close()


class Broker(plain_node.Node):
    """A node of conf/all-in-one.toml with the no-op module behind its broker door. It has the topic
    that loads send to."""

    def __init__(self, build, folder, flush="async"):
        folder.mkdir()
        super().__init__(folder, build, {"commitlog": {"flush": flush}}, start=False)
        self.address = self.broker
        self.conf.write_text(with_noop(self.conf.read_text(), build))
        with pinned(SERVER_CORE):
            self.start()
        try:
            self.make_topic()
        except BaseException:
            self.close()
            raise

    def make_topic(self):
        with wire.Client(self.broker) as client:
            for queue in range(QUEUES):
                header = client.send(TOPIC, queue, b"first")
                if header["code"] != 0:
                    raise Wrong(f"the first send was answered {header}")

    def check_alive(self):
        if self.process.poll() is not None:
            raise Wrong(f"the node ended with {self.process.returncode}:\n{self.log()}")


def with_noop(text, build):
    """The configuration with the no-op module loaded, and behind the door `broker`."""
    library = build / "lib" / "gantry" / "test-plugins" / "noop.so"
    for pattern, replacement in ((r'(\nload = \[[^\]]*)\]', rf'\1, "{library}"]'),
                                 (r'(name = "broker"\n[^\[]*?handlers = \["messaging")',
                                  r'\1, "noop"')):
        text, count = re.subn(pattern, replacement, text)
        if count != 1:
            raise Wrong(f"conf/all-in-one.toml has {count} places like {pattern}")
    return text + "\n[plugins.noop]\n"


def load(tools, server, connections, depth, seconds, *more):
    """A load on the server; what gantry_load measured. A BUSY answer is counted, not wrong."""
    found = run_tool([tools / "gantry_load", "--server", server.address, "run",
                      "--connections", connections, "--depth", depth, "--topic", TOPIC,
                      "--queues", QUEUES, "--seconds", seconds, "--warmup", seconds / 3,
                      "--server-pid", server.process.pid, "--allow-busy", *more])
    server.check_alive()
    if found["answered"] == 0:
        raise Wrong(f"no answer in {seconds} s")
    return found


@contextlib.contextmanager
def held(tools, server, connections, state, *more):
    """Connections that do nothing, or worse, while the block runs."""
    with pinned(LOAD_CORE):
        holder = subprocess.Popen([str(word) for word in (
            tools / "gantry_load", "--server", server.address, "hold", "--connections", connections,
            "--as", state, *more)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
    try:
        if not holder.stdout.readline():
            raise Wrong(f"gantry_load hold failed: {holder.stderr.read().strip()}")
        yield
    finally:
        _, complaint = holder.communicate(timeout=STOP_S)
    if holder.returncode != 0:
        raise Wrong(f"gantry_load hold failed: {complaint.strip()}")
    server.check_alive()


def idle_cpu(server, seconds):
    """Share of a core that the server takes while nobody asks it anything."""
    before = cpu_ns(server.process)
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.process.wait(seconds)
    server.check_alive()
    return (cpu_ns(server.process) - before) / 1e9 / seconds


def cpu_ns(process):
    """CPU time of all threads."""
    tasks = pathlib.Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def anonymous_bytes(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"^RssAnon:\s+(\d+) kB", status, re.M)[1]) * 1024
