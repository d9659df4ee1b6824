"""RocketMQ's own admin tool against a node."""
import re

import java
import wire
from cases import case, check


KV_GET = 101


def made_topic(lab):
    topic = lab.name("topic")
    with wire.Client(lab.node.broker) as client:
        header = client.send(topic, 0, b"makes the topic")
    check(header["code"] == 0, f"the send was answered {header}")
    return topic


def mqadmin(lab, command, *arguments, says=""):
    """What it prints; with `says` in it."""
    printed = java.mqadmin(lab.folder, command, "-n", lab.node.nameserver, *arguments)
    check(says in printed, f"{command} {' '.join(arguments)} printed:\n{printed}")
    return printed


def route_of(lab, topic):
    printed = mqadmin(lab, "topicRoute", "-t", topic, says="{")
    return wire.java_json(printed[printed.index("{"):printed.rindex("}") + 1]), printed


@case(java=True)
def mqadmin_shows_route_and_cluster(lab):
    topic = made_topic(lab)
    found, route = route_of(lab, topic)
    broker = found["brokerDatas"][0]
    check(list(broker["brokerAddrs"].values()) == [lab.node.broker], f"route: {route}")
    check(list(broker["brokerAddrs"]) == ["0"], f"route: {route}")
    check(found["queueDatas"][0]["brokerName"] == broker["brokerName"], f"route: {route}")

    cluster = mqadmin(lab, "clusterList")
    row = rf"^{re.escape(broker['cluster'])}\s+{re.escape(broker['brokerName'])}\s+0\s+" \
          rf"{re.escape(lab.node.broker)}\b"
    check(re.search(row, cluster, re.M), f"clusterList printed:\n{cluster}")


@case(java=True, restarts=True)
def mqadmin_orders_a_topic_and_keeps_it_so(lab):
    topic = made_topic(lab)
    broker = route_of(lab, topic)[0]["brokerDatas"][0]["brokerName"]
    order = f"{broker}:4"
    mqadmin(lab, "updateOrderConf", "-t", topic, "-m", "put", "-v", order, says="success")
    check(route_of(lab, topic)[0].get("orderTopicConf") == order, "the route has no order")
    mqadmin(lab, "updateKvConfig", "-s", "interop", "-k", topic, "-v", "kept", says="success")

    lab.node.kill()
    lab.node.start()
    mqadmin(lab, "updateOrderConf", "-t", topic, "-m", "get", says=f"orderConf=[{order}]")
    with wire.Client(lab.node.nameserver) as client:
        header = client.ask(KV_GET, {"namespace": "interop", "key": topic})[0]
        check(header.get("extFields") == {"value": "kept"}, f"the value was answered {header}")

    mqadmin(lab, "updateOrderConf", "-t", topic, "-m", "delete", says="success")
    check("orderTopicConf" not in route_of(lab, topic)[0], "the route still has an order")
    mqadmin(lab, "deleteKvConfig", "-s", "interop", "-k", topic, says="success")
    with wire.Client(lab.node.nameserver) as client:
        header = client.ask(KV_GET, {"namespace": "interop", "key": topic})[0]
        check(header["code"] == 22, f"the deleted value was answered {header}")


@case(java=True)
def mqadmin_takes_write_permission_and_topics(lab):
    topic = made_topic(lab)
    found, _ = route_of(lab, topic)
    broker, cluster = (found["brokerDatas"][0][key] for key in ("brokerName", "cluster"))
    check(topic in mqadmin(lab, "topicList").split(), "topicList lacks the topic")
    check(topic in mqadmin(lab, "topicList", "-c"), "topicList -c lacks the topic")

    mqadmin(lab, "wipeWritePerm", "-b", broker, says=" OK, ")
    check(route_of(lab, topic)[0]["queueDatas"][0]["perm"] == 4, "the wiped broker can be written")
    mqadmin(lab, "addWritePerm", "-b", broker, says=" OK, ")
    check(route_of(lab, topic)[0]["queueDatas"][0]["perm"] == 6, "the broker can't be written")

    mqadmin(lab, "deleteTopic", "-t", topic, "-c", cluster, says="success")
    check(topic not in mqadmin(lab, "topicList").split(), "topicList has the deleted topic")
    check("No topic route info" in mqadmin(lab, "topicRoute", "-t", topic), "it still has a route")


@case(java=True)
def mqadmin_sees_members_of_the_client_library(lab):
    topic, group = made_topic(lab), lab.name("group")
    consumer = java.Program(lab.folder, "gantryctl", [
        lab.build / "bin" / "gantryctl", "-n", lab.node.nameserver, "consume", "--topic", topic, "--group", group,
        "--subscription", "paid || sent", "--wait", "3600"])
    try:
        with wire.Client(lab.node.broker) as client:
            client.send(topic, 0, b"x", {"TAGS": "paid"})
        consumer.wait("a message", lambda: consumer.lines)
        printed = mqadmin(lab, "consumerStatus", "-g", group, says="Same subscription in the same")
        member = re.search(r"^1\s+(\S+@\S+)\s+V5_5_0", printed, re.M)
        check(member, f"consumerStatus printed:\n{printed}")
        printed = mqadmin(lab, "consumerStatus", "-g", group, "-i", member[1])
        for said in (r"PROP_CONSUME_TYPE\s*: CONSUME_ACTIVELY", rf"PROP_NAMESERVER_ADDR\s*: "
                     rf"{re.escape(lab.node.nameserver)};", rf"Topic: {topic}\s.*paid \|\| sent"):
            check(re.search(said, printed), f"consumerStatus lacks {said}:\n{printed}")
    finally:
        consumer.close()
