"""The recorded exchanges of RocketMQ's clients with a Java broker, sent to a node in the recorded
state: answered alike, apart from what replay/differences.py says."""
import collections
import pathlib

from cases import case, check
from node import Node
from replay import differences, state
from replay.player import Player
from replay.recording import FOLDER, Recording

RECORDINGS = ("java-5.5.0-json", "java-5.5.0-binary", "java-4.9.8-json", "java-4.9.8-binary",
              "go-v2", "node-ali-ons", "node-rocketmq-nodejs", state.RAW)
README = pathlib.Path(differences.__file__).parent / "README.md"


def replay(lab, name):
    recording = Recording(name)
    lab.node = Node(lab.folder, lab.build, state.settings(name).items())
    player = Player(lab.node, recording)
    findings = player.play()
    lab.node.check_alive()

    entries = {id(finding): differences.explain(name, finding) for finding in findings}
    unexplained = [str(finding) for finding in findings if entries[id(finding)] is None]
    check(not unexplained, "\n".join(unexplained))
    stale = differences.stale(name, recording.exchanges, entries.values())
    check(not stale, "no longer different:\n" + "\n".join(map(str, stale)))

    kinds = collections.Counter()
    for finding in findings:
        kinds[entries[id(finding)].kind] += 1
    return f"{player.compared} answers" + "".join(f", {count} {kind}"
                                                  for kind, count in sorted(kinds.items()))


def register(name):
    @case(f"replay_{name}", node=False, needs=FOLDER)
    def recorded(lab):
        return replay(lab, name)


for each in RECORDINGS:
    register(each)


@case(node=False, needs=FOLDER)
def replay_differences_are_in_the_recordings_and_the_readme(_):
    exchanges = [(name, exchange) for name in RECORDINGS for exchange in Recording(name).exchanges]
    nowhere = [str(entry) for entry in differences.TABLE
               if not any(entry.covers(*pair) for pair in exchanges)]
    check(not nowhere, "in no recording:\n" + "\n".join(nowhere))
    table = "\n".join(differences.lines())
    check(table in README.read_text(encoding="utf-8"),
          f"{README} has another table than `python3 -m replay.differences` prints")
