"""RocketMQ's own admin tool against a node."""
import re

import java
import wire
from cases import case, check


@case(java=True)
def mqadmin_shows_route_and_cluster(lab):
    topic = lab.name("topic")
    with wire.Client(lab.node.broker) as client:
        header = client.send(topic, 0, b"makes the topic")
    check(header["code"] == 0, f"the send was answered {header}")

    route = java.mqadmin(lab.folder, "topicRoute", "-n", lab.node.nameserver, "-t", topic)
    found = wire.java_json(route[route.index("{"):route.rindex("}") + 1])
    broker = found["brokerDatas"][0]
    check(list(broker["brokerAddrs"].values()) == [lab.node.broker], f"route: {route}")
    check(list(broker["brokerAddrs"]) == ["0"], f"route: {route}")
    check(found["queueDatas"][0]["brokerName"] == broker["brokerName"], f"route: {route}")

    cluster = java.mqadmin(lab.folder, "clusterList", "-n", lab.node.nameserver)
    row = rf"^{re.escape(broker['cluster'])}\s+{re.escape(broker['brokerName'])}\s+0\s+" \
          rf"{re.escape(lab.node.broker)}\b"
    check(re.search(row, cluster, re.M), f"clusterList printed:\n{cluster}")
