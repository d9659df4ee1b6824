"""The clients: how each is installed and started, and which features it offers its users."""
import dataclasses
import typing

import install

# Small and quick to start: several run beside the node on two cores.
JVM = ["-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]
JAVA_FEATURES = """
    send_sync send_async send_oneway batch properties compression selector request_reply
    push_concurrent push_orderly orderly_members pull lite_assign lite_subscribe broadcast
    from_first from_last
    from_timestamp tag_filter long_poll rebalance kill restart query_key query_id reset_offset
    create_topic auto_create sql_filter sql_retry members_differ lua_in_sql lua_type
    bound_script""".split()
NO_TYPE = "sql_filter sql_retry lua_in_sql lua_type"  # features of clients that know tags only


@dataclasses.dataclass(frozen=True)
class Client:
    """A column of the table."""
    name: str
    install: typing.Callable  # to something that `command` takes; install.Missing if it can't be had
    command: typing.Callable  # (installed, folder, name server) → words
    offers: tuple  # features its users have, each of which must pass
    # Why its users don't have a feature → such features: it has no function for it.
    lacks: dict = dataclasses.field(default_factory=dict)
    # Why the client gets a feature wrong at any broker → such features.
    fails: dict = dataclasses.field(default_factory=dict)
    places: bool = True  # its consumers tell queue and offset of a message
    properties: bool = True  # its messages have properties of the user's
    named_queue: bool = True  # a send may name its queue
    pull_waits: bool = False  # a pull at a queue's end waits for a message, for long
    # What its listener refuses and a broker doesn't take back, it brings again.
    retries_itself: bool = True
    crashes: bool = False  # its own code dies of a signal now and then, at any broker
    start_asks: bool = False  # a consumer that starts asks whether its expression can be served


def java(version, serialization):
    name = f"java-{version}-{'binary' if serialization else 'json'}"
    options = ["-Drocketmq.serialize.type=ROCKETMQ"] if serialization else []
    return Client(
        name=name, install=lambda: install.java(version),
        command=lambda path, folder, nameserver: [
            "java", *JVM, f"-Duser.home={folder}", *options, "-cp", path,
            "org.gantry.interop.Program", nameserver],
        offers=tuple(JAVA_FEATURES), start_asks=True)


GO = Client(
    name="go", install=lambda: install.go("rocketmq-client-go"),
    command=lambda program, folder, nameserver: [program, nameserver],
    offers=tuple(feature for feature in JAVA_FEATURES
                 if feature not in ("orderly_members", "lite_assign", "query_key", "query_id")),
    lacks={"its pull consumer takes queues by subscription": "lite_assign",
           "neither its consumers nor its `admin` find messages": "query_key query_id"},
    fails={"it never unlocks (42) a queue that it gives up, so the next owner waits for a minute":
           "orderly_members"},
    pull_waits=True, retries_itself=False)
PYTHON = Client(
    name="python", install=lambda: install.python("rocketmq"),
    command=lambda interpreter, folder, nameserver: [
        interpreter, install.HERE / "python" / "program.py", nameserver],
    offers="""send_sync send_async send_oneway properties compression selector
        push_concurrent push_orderly orderly_members pull broadcast tag_filter long_poll rebalance
        kill restart
        reset_offset auto_create members_differ bound_script""".split(),
    lacks={"its core has no C function for it":
           "request_reply lite_assign lite_subscribe from_first from_last from_timestamp "
           "query_key query_id create_topic",
           "its core's `Subscribe` takes tags": NO_TYPE},
    fails={"`send_batch` says `batch` as `1`, which RocketMQ's broker reads as no: one message":
           "batch"})
ALI_ONS = Client(
    name="ali-ons", install=lambda: install.npm("ali-ons"),
    command=lambda project, folder, nameserver: ["node", project / "program.js", nameserver],
    offers="""send_sync send_async properties compression selector push_concurrent broadcast
        from_first from_last from_timestamp tag_filter long_poll rebalance kill restart
        reset_offset sql_filter sql_retry lua_in_sql lua_type bound_script""".split(),
    lacks={"its producer has one kind of `send`, of one message":
           "send_oneway batch request_reply",
           "its one consumer pushes concurrently":
           "push_orderly orderly_members pull lite_assign lite_subscribe",
           "it has no administration": "query_key query_id create_topic"},
    fails={"its `send` throws at a topic without a route, before it looks at the template's":
           "auto_create",
           "it answers nothing that it is asked (307), so nobody can tell what it subscribes to":
           "members_differ"},
    named_queue=False)
NODEJS = Client(
    name="rocketmq-nodejs", install=lambda: install.npm("rocketmq-nodejs"),
    command=lambda project, folder, nameserver: ["node", project / "program.js", nameserver],
    offers="""send_sync send_async properties compression push_concurrent tag_filter long_poll
        rebalance kill restart reset_offset auto_create members_differ bound_script""".split(),
    lacks={"its `Producer` has one kind of `send`, of one message, to any queue":
           "send_oneway batch selector request_reply",
           "its `PushConsumer` pushes concurrently and has no options for it":
           "push_orderly orderly_members pull lite_assign lite_subscribe broadcast "
           "from_first from_last from_timestamp",
           "its `subscribe` takes tags": NO_TYPE,
           "it has no administration": "query_key query_id create_topic"},
    places=False, properties=False, named_queue=False, crashes=True)

CLIENTS = {client.name: client for client in (
    java("5.5.0", False), java("5.5.0", True), java("4.9.8", False), java("4.9.8", True),
    GO, ALI_ONS, NODEJS, PYTHON,
)}
