"""The templates' filters and function in a node of the installed tree, beside those that come with
it: the same messages, and for each kind of subscription exactly what it should get."""
import json
import os
import re
import subprocess

from node import Node

SECONDS_MAX = 60
TOPIC = "filtered"

# (body, tag, key, properties), in one queue. The last one is what every subscription ends with.
MESSAGES = [
    ("a red door", "door", "k1", ["price=9"]),
    ("a red rose", "flower", "k2", ["price=11"]),
    ("a blue door", "door", "k3", ["price=20"]),
    ("a red rug", "rug", "k5", []),
    ("a green lamp", "lamp", "k6", ["price=7"]),
    ("the last red door", "door", "k1", ["price=30"]),
]

# (expression type, expression, places of the messages it wants). By FNV-1a k1 and k5 are in bucket
# 1 of 4, the others elsewhere.
SUBSCRIPTIONS = [
    ("TAG", "door || rug", [0, 2, 3, 5]),
    ("SQL92", "price > 10", [1, 2, 5]),
    ("CONTAINS", "red", [0, 1, 3, 5]),
    ("CONTAINS_C", "door", [0, 2, 5]),
    ("SQL92", "bucket(KEYS, 4) = 1", [0, 3, 5]),
    ("SQL92", "bucket(KEYS, 4) = 1 AND price < 10", [0]),
    ("LUA", "lamps", [4]),
]


def rename_type(folder):
    """A node has one filter of a type: that of the plugin in `folder` becomes CONTAINS_C."""
    for file in folder.iterdir():
        if file.is_file():
            file.write_text(file.read_text().replace("CONTAINS", "CONTAINS_C"))


def control(home, node, arguments):
    return subprocess.Popen(
        [home / "gantry/bin/gantryctl", *arguments], text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "NAMESRV_ADDR": node.nameserver})


def finish(what, process):
    """(exit code, its output, what it complained of)."""
    try:
        output, complaint = process.communicate(timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError(f"{what}: not done after {SECONDS_MAX} s") from None
    return process.returncode, output, complaint


def succeed(what, process):
    code, output, complaint = finish(what, process)
    if code != 0:
        raise AssertionError(f"{what}: exit code {code}\n{output}{complaint}")
    return output


def consumer(home, node, number, kind, expression, count):
    return control(home, node, ["--json", "consume", "--topic", TOPIC, "--group", f"group_{number}",
                                "--type", kind, "--subscription", expression,
                                "--count", str(count)])


def send(home, node):
    made = control(home, node, ["topic", "create", "--topic", TOPIC, "--queues", "1"])
    succeed("topic create", made)
    for body, tag, key, properties in MESSAGES:
        options = [word for one in properties for word in ("--property", one)]
        succeed(f"send {body}", control(home, node, ["send", "--topic", TOPIC, "--body", body,
                                                     "--tags", tag, "--keys", key, *options]))


def check_consumed(home, node):
    """All at once. Who gets one too many misses the last; who gets one too few waits in vain."""
    running = [(kind, expression, places,
                consumer(home, node, number, kind, expression, len(places)))
               for number, (kind, expression, places) in enumerate(SUBSCRIPTIONS)]
    seen = [(kind, expression, places, finish(expression, process))
            for kind, expression, places, process in running]
    for kind, expression, places, (code, output, complaint) in seen:
        bodies = [json.loads(line)["body"] for line in output.splitlines()]
        wanted = [MESSAGES[place][0] for place in places]
        if code != 0 or bodies != wanted:
            raise AssertionError(f"{kind} {expression}: exit code {code}, got {bodies}, "
                                 f"wanted {wanted}\n{complaint}")


def check_filters(home, libraries):
    """libraries: by the name of their module. Returns how many subscriptions there were."""
    folder = home / "filters"
    scripts = folder / "data" / "gantry" / "filter_lua"
    scripts.mkdir(parents=True)
    (scripts / "lamps.lua").write_text('return function(m) return m.tag == "lamp" end\n')
    node = Node(folder, build=home / "gantry", start=False)
    text = node.conf.read_text()
    paths = "".join(f', "{path}"' for path in libraries.values())
    text = re.sub(r"^(load = \[[^\]]*)", lambda found: found[1] + paths, text, count=1, flags=re.M)
    for name in libraries:
        text += f"\n[plugins.{name}]\nrequired = true\n"
    node.conf.write_text(text)
    try:
        node.start()
        send(home, node)
        check_consumed(home, node)
        node.terminate()
    finally:
        node.close()
    troubles = [line for line in node.log().splitlines() if " warning " in line or " error " in line]
    if troubles:
        raise AssertionError("the node with the templates' filters complains:\n" +
                             "\n".join(troubles))
    return len(SUBSCRIPTIONS)
