"""How long a node takes from exec to its first acknowledged send on an empty folder, and how much
anonymous memory it holds then. Medians over RUNS starts; exit code 1 when a goal is missed.

Started by scripts/bench. The send is a true one, to a topic nobody made: it waits for the topic to be
durable, as a user's first send does.
"""
import pathlib
import re
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
import wire  # noqa: E402  (found by the line above)
from node import Node  # noqa: E402

RUNS = 5
START_MS_MAX = 100
RSS_ANON_MB_MAX = 20


def anonymous_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^RssAnon:\s+(\d+) kB", status, re.M)[1]) * 1024 / 1e6


def measure():
    """(milliseconds to the first acknowledged send, megabytes of anonymous memory after it)."""
    with tempfile.TemporaryDirectory(prefix="gantry-bench-") as folder:
        began = time.monotonic()
        node = Node(pathlib.Path(folder))
        try:
            with wire.Client(node.broker) as client:
                header = client.send("bench", 0, b"first")
            took = (time.monotonic() - began) * 1000
            if header["code"] != 0:
                sys.exit(f"the first send was answered {header}")
            return took, anonymous_mb(node.process.pid)
        finally:
            node.close()


def report(name, values, goal):
    median = statistics.median(values)
    print(f"{name} {median:.1f} (goal < {goal}; {', '.join(f'{value:.1f}' for value in values)})")
    return median < goal


def main():
    starts, memory = zip(*(measure() for _ in range(RUNS)))
    good = [report("first_acknowledged_send_ms", starts, START_MS_MAX),
            report("idle_rss_anon_mb", memory, RSS_ANON_MB_MAX)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
