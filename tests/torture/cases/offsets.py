"""Where groups stand: at most one flush interval of commits is lost, never is one ahead of what was
consumed."""
import asyncio
import json
import math
import signal
import time

import consumers
import wire
from cases import case, check

SEGMENT_BYTES = 1 << 20
FLUSH_S = 1.0            # the interval, as set by default
LATE_S = 0.25            # how late a timer, a worker or the kill may be on two busy cores
LOAD_S = (2.0, 3.5)      # how long a round's commits last before the kill
COMMITS_LEAST = 5000     # acknowledged in a round, or it says little
LONG_MS = 60_000         # an interval in which the first stop comes: all is left to it
# What other writers of the metadata store may wait for must not matter to offsets.
COMMIT_INTERVAL_MS = 10_000


@case
def offsets_of_2000_groups_survive_kill_9(lab):
    """2,000 groups commit in 8 queues, by commits of their own and by pulls. A clean stop loses
    nothing of what was acknowledged, before it began or meanwhile; a kill at most what was acknowledged within one
    interval, the time two flushes take and LATE_S."""
    node = lab.node(SEGMENT_BYTES, messaging={"offset_flush_interval_ms": LONG_MS},
                    metadata_lmdb={"commit_interval_ms": COMMIT_INTERVAL_MS})
    consumers.prepare(node.broker)
    journal = consumers.Journal(lab.seed)
    # Two flushes: one that is due while another is under way waits for the next interval.
    bound_s = FLUSH_S + 2 * stop_with_everything_changed(lab, node, journal) + LATE_S
    for number in range(1, max(2, lab.rounds // 4) + 1):
        ended_s = asyncio.run(commit_for(node, journal, LOAD_S, node.kill))
        acked = journal.acked_count()
        age_s = compare(node, journal, ended_s - bound_s, ended_s)
        lab.say(f"round {number}: {acked} commits acknowledged; the oldest that was lost was answered "
                f"{age_s:.3f} s before the kill, allowed are {bound_s:.3f}")
        check(acked > COMMITS_LEAST, f"round {number}: only {acked} commits were acknowledged")
    ended_s = asyncio.run(commit_for(node, journal, LOAD_S, lambda: node.signal(signal.SIGTERM)))
    node.wait()
    compare(node, journal, math.inf, ended_s)
    node.terminate()


def stop_with_everything_changed(lab, node, journal):
    """How long a clean stop took that had every offset to store; nothing is lost by it."""
    def end_when(made):
        def progress():
            if all(journal.acked):
                for consumer in made:
                    consumer.stop()
        return progress
    asyncio.run(consumers.commit_until(node.broker, journal, end_when))
    began_s = time.monotonic()
    node.terminate()
    took_s = time.monotonic() - began_s
    text = node.conf.read_text()
    node.conf.write_text(text.replace(f"= {LONG_MS}\n", f"= {int(1000 * FLUSH_S)}\n"))
    check(took_s < FLUSH_S, f"a stop with {consumers.PLACES} offsets to store took {took_s:.3f} s")
    lab.say(f"a stop with {consumers.PLACES} offsets to store took {took_s:.3f} s")
    compare(node, journal, float("inf"), 0)
    return took_s


async def commit_for(node, journal, range_s, end):
    """When the node's end began."""
    ended_s = []

    def end_when(_):
        def ending():
            ended_s.append(time.monotonic())
            end()
        asyncio.get_running_loop().call_later(journal.random.uniform(*range_s), ending)
    await consumers.commit_until(node.broker, journal, end_when)
    return ended_s[0]


def compare(node, journal, until_s, ended_s):
    """Starts the node and compares; how old the oldest loss was."""
    node.start()
    wrong, losses = journal.compare(consumers.offsets(node.broker), until_s, ended_s)
    check(not wrong, f"{len(wrong)} offsets are wrong:\n" + "\n".join(wrong[:20]))
    return max((loss.age_s for loss in losses), default=0)


@case
def an_offset_above_its_queues_end_is_set_to_it_at_a_start(lab):
    """As after a crash that took messages and left the offset: the log tells, and the group sees what
    comes next."""
    node = lab.node(SEGMENT_BYTES)
    fields = {"consumerGroup": "above_the_end", "topic": consumers.TOPIC, "queueId": "0"}
    group = {"groupConfigList": [{"groupName": fields["consumerGroup"]}]}
    with wire.Client(node.broker) as client:
        client.create_topic(consumers.TOPIC, 1)
        client.ask(consumers.CREATE_GROUPS, body=json.dumps(group).encode())
        for _ in range(3):
            check(client.send(consumers.TOPIC, 0, b"m")["code"] == 0, "a send was refused")
        header, _ = client.ask(consumers.UPDATE_OFFSET, {**fields, "commitOffset": "7"})
        check(header["code"] == 0, f"the commit was answered {header}")
    node.terminate()
    told = (f"group above_the_end stood at 7 of topic {consumers.TOPIC} queue 0, which ends at 3: it "
            "goes on there")
    check(told not in node.log(), "the log told before the start")
    node.start()
    check(node.log().count(told) == 1, f"the log has no line '{told}'")
    with wire.Client(node.broker) as client:
        header, _ = client.ask(wire.QUERY_OFFSET, fields)
        check(header["extFields"]["offset"] == "3", f"the group stands at {header}")
        check(client.send(consumers.TOPIC, 0, b"next")["code"] == 0, "a send was refused")
        check(client.pull(consumers.TOPIC, 0, 3)[:2] == (0, [b"next"]), "the next message is not seen")
    node.terminate()
    node.start()
    check(node.log().count(told) == 1, "the log told again")
    node.terminate()
