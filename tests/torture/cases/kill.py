"""kill -9 at any moment: what was acknowledged is there, what was read once stays."""
import asyncio

import load
from cases import case, check
from readback import Readback, Tally, verified

SEGMENT_BYTES = 1 << 20
CONNECTIONS = 64
DEPTH = 2
LOAD_S = (0.2, 1.2)     # how long a round's load lasts before the kill
KILLED_AMID = 0.7       # of all rounds
RECOVERY_S = (0, 0.05)  # how long a start lasts that is killed too
KILLED_STARTS = 0.3     # of all


@case
def kill_rounds(lab):
    """SYNC_FLUSH, 64 connections. Small files, so that the log and every queue roll in each round."""
    node = lab.node(SEGMENT_BYTES, store_file={"consume_queue_file_bytes": 20_000})
    journal = load.Journal(lab.folder, lab.seed)
    readback, total = Readback(journal), Tally()
    for number in range(1, lab.rounds + 1):
        before = journal.acked_count()
        asyncio.run(load_until_killed(node, journal))
        verified(node, total)
        while journal.random.random() < KILLED_STARTS:
            node.start_and_kill(journal.random.uniform(*RECOVERY_S))
            verified(node, total)
        node.start()
        total.merge(readback.compare(node.broker))
        acked = journal.acked_count() - before
        check(acked > CONNECTIONS, f"round {number}: only {acked} sends were acknowledged")
        lab.say(f"round {number}: {acked} acknowledged, {len(journal.sent)} sent in all, {total}")
        if not total.good():
            break
    node.terminate()
    lab.say(verified(node, total))
    return total


async def load_until_killed(node, journal):
    """Mostly amid the load, else right behind the last answer: then the log's last record was
    acknowledged too."""
    after_s = journal.random.uniform(*LOAD_S)
    amid = journal.random.random() < KILLED_AMID

    def end_when(producers):
        def end():
            if amid:
                return node.kill()
            for producer in producers:
                producer.stop()
        asyncio.get_running_loop().call_later(after_s, end)
    await load.produce(node.broker, journal, CONNECTIONS, DEPTH, end_when)
    if not amid:
        node.kill()
