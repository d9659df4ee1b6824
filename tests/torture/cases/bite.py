"""The checks themselves: what they are there to find is found when a test does it to the files."""
import asyncio

import load
from cases import case, check
from cases.kill import load_until_killed
from readback import Readback, Tally, verified

SEGMENT_BYTES = 1 << 20
BODY_AT = 100  # bytes into a record: inside the body, which begins at 88


def damage(node, log_offset):
    """Flips a byte of the record's body."""
    begin = log_offset // SEGMENT_BYTES * SEGMENT_BYTES
    with open(node.data / "commitlog" / f"{begin:020}", "r+b") as file:
        file.seek(log_offset - begin + BODY_AT)
        byte = file.read(1)[0]
        file.seek(log_offset - begin + BODY_AT)
        file.write(bytes([byte ^ 1]))


def acknowledged(journal):
    """Log offsets of all acknowledged messages, in order."""
    return sorted(acked.log_offset for queue in journal.acked.values() for acked in queue.values())


@case
def a_lost_message_is_noticed(lab):
    """A record that was acknowledged is damaged above what gantry/recovery covers: the start ends the
    log before it, and the readback counts it and all behind it as lost."""
    node = lab.node(SEGMENT_BYTES)
    journal = load.Journal(lab.folder, lab.seed)
    asyncio.run(load_until_killed(node, journal))
    places = acknowledged(journal)
    behind = places[-len(places) // 10:]
    damage(node, behind[0])
    node.start()
    tally = Readback(journal).compare(node.broker)
    lab.say(str(tally))
    check(tally.lost >= len(behind), f"{len(behind)} acknowledged are gone, counted were {tally}")
    node.terminate()


@case
def damage_below_what_was_durable_is_found(lab):
    """A record of a node that was stopped is damaged: `gantry verify` finds it, by its offset."""
    node = lab.node(SEGMENT_BYTES)
    journal = load.Journal(lab.folder, lab.seed)
    asyncio.run(load_until_killed(node, journal))
    node.start()
    node.terminate()
    clean, hurt = Tally(), Tally()
    verified(node, clean)
    check(clean.good(), f"before the damage verify found {clean.why}")
    place = acknowledged(journal)[len(journal.acked)]
    damage(node, place)
    verified(node, hurt)
    check(hurt.index_errors == 1 and str(place) in hurt.why[0], f"verify found {hurt.why}")
