"""What the recorded broker was like before anything was recorded: settings, topics, groups, and
what consumers had subscribed to where a recording left the heartbeat out."""
import dataclasses
import json

CLUSTER, BROKER = "golden", "broker-golden"
RAW = "raw-errors"


@dataclasses.dataclass(frozen=True)
class Topic:
    queues: int
    permission: int = 6  # 4: read, 2: write
    attributes: str = ""

    def fields(self, name):
        """Of the request that makes it."""
        return {"topic": name, "defaultTopic": "TBW102", "readQueueNums": str(self.queues),
                "writeQueueNums": str(self.queues), "perm": str(self.permission),
                "topicFilterType": "SINGLE_TAG", "topicSysFlag": "0", "order": "false",
                "attributes": self.attributes}


TOPICS = {
    "TopicWire": Topic(4),
    "TopicWireTx": Topic(2),
    "TopicWireOrder": Topic(2),
    "TopicWireRetry": Topic(1),
    "TopicWireRpc": Topic(1),
}
RAW_TOPICS = {
    "TopicEmpty": Topic(1),
    "TopicFifo": Topic(1, attributes="+message.type=FIFO"),
    "TopicCompact": Topic(1, attributes="+cleanup.policy=COMPACTION"),
    "TopicNoWrite": Topic(1, permission=4),
    "TopicNoRead": Topic(1, permission=2),
    "TopicNoPerm": Topic(1, permission=0),
}
# Further ones are made by heartbeats where the recorded broker let them.
RAW_GROUPS = (
    {"groupName": "GID_raw"},
    {"groupName": "GID_fresh"},
    {"groupName": "GID_disabled", "consumeEnable": False},
    {"groupName": "GID_nobroadcast", "consumeBroadcastEnable": False},
)

# What the groups of the clients' programs subscribed to: by the beginning of the group's name and
# the topic, the expression and its type.
SUBSCRIPTIONS = (
    ("GID_S_", "TopicWire", "a IS NOT NULL AND a BETWEEN 1 AND 9", "SQL92"),
    ("GID_S2_", "TopicWire", "a = = 1", "SQL92"),
    ("GID_B_", "TopicWire", "*", "TAG"),
    ("GID_P_", "TopicWire", "*", "TAG"),
    ("GID_L_", "TopicWire", "*", "TAG"),
    ("GID_cpp", "TopicWire", "*", "TAG"),
    ("GID_alions", "TopicWire", "TagA", "TAG"),
    ("GID_", "TopicWire", "TagA || TagB", "TAG"),
    ("GID_", "", "*", "TAG"),
)


def subscription(group, topic):
    """(expression, type) of a group for a topic."""
    return next((expression, kind) for beginning, of, expression, kind in SUBSCRIPTIONS
                if group.startswith(beginning) and of in ("", topic))


def topics(recording):
    return {**TOPICS, **(RAW_TOPICS if recording == RAW else {})}


def groups(recording):
    return RAW_GROUPS if recording == RAW else ()


def settings(recording):
    """Of the node, by table."""
    return {
        "node": {"cluster": CLUSTER, "broker": BROKER},
        "plugins.messaging": {"auto_create_topics": False,
                              "auto_create_groups": recording != RAW,
                              "message_bytes_max": 16384},
    }


def heartbeat(client, groups_of):
    """The body of a heartbeat; groups_of: group to {topic: version}."""
    return json.dumps({
        "clientID": client, "producerDataSet": [], "consumerDataSet": [{
            "groupName": group, "consumeType": "CONSUME_PASSIVELY", "messageModel": "CLUSTERING",
            "consumeFromWhere": "CONSUME_FROM_FIRST_OFFSET", "unitMode": False,
            "subscriptionDataSet": [{
                "topic": topic, "subString": subscription(group, topic)[0],
                "expressionType": subscription(group, topic)[1], "subVersion": version,
                "classFilterMode": False, "codeSet": [], "tagsSet": []}
                for topic, version in topics_of.items()]}
            for group, topics_of in groups_of.items()]}).encode()
