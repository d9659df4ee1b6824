"""Which consumers the node knows, what they subscribed to and how far they are."""
import wire
from replay import state

HEARTBEAT, COMMIT = 34, 15
FAILED, FORBIDDEN, NOT_SUBSCRIBED, NOT_LATEST = 1, 16, 24, 25  # answers to a pull


class Consumers:
    def __init__(self, connections, recording):
        self.connections = connections
        self.recording = recording
        self.clients = recording.client_ids()
        self.members = {}     # group to {client: connection}
        self.subscribed = {}  # group to {topic: version}
        self.committed = {}   # (group, topic, queue) to offset

    # What the recorded broker knew, where the node doesn't.

    def subscribe(self, exchange):
        """Tells the node of the subscription that the recorded answer to a pull shows."""
        fields = exchange.request.fields
        group, topic, version = fields["consumerGroup"], fields["topic"], int(fields["subVersion"])
        code = exchange.response.code if exchange.response else 0
        if code in (FAILED, FORBIDDEN, NOT_SUBSCRIBED) or not self.may_beat(group):
            return
        known = self.subscribed.get(group, {}).get(topic)
        if known is None or known < version and code != NOT_LATEST:
            self.beat(group, exchange.connection, {topic: version - (code == NOT_LATEST),
                                                   f"%RETRY%{group}": version})

    def may_beat(self, group):
        """Where groups aren't made by heartbeats, it is one that was made before."""
        made = {known["groupName"] for known in state.groups(self.recording.name)}
        return not made or group in made

    def beat(self, group, number, topics):
        """A heartbeat of the client on this connection, for one more of its groups."""
        client = self.clients.get(number, f"127.0.0.1@{number}")
        topics = {**self.subscribed.get(group, {}), **topics}
        self.connections.demand(self.connections.of(number, "broker"), HEARTBEAT, {},
                                state.heartbeat(client, {group: topics}))
        self.subscribed[group] = topics
        self.members.setdefault(group, {})[client] = number

    def gather(self, group, clients):
        """Lets these be the group's members, as far as they have connections."""
        for client in clients:
            numbers = [number for number, name in self.clients.items() if name == client]
            if client not in self.members.get(group, {}) and numbers:
                self.beat(group, numbers[0], {f"%RETRY%{group}": 1})

    def before_notice(self, exchange):
        """A client is told of a member that only this notice shows: itself."""
        group = exchange.request.fields["consumerGroup"]
        if not self.members.get(group):
            self.beat(group, exchange.connection, {f"%RETRY%{group}": 1})

    def commit(self, broker, fields, offset):
        key = fields["consumerGroup"], fields["topic"], fields["queueId"]
        if offset and self.committed.get(key) != offset:
            self.connections.demand(broker, COMMIT, {
                "consumerGroup": key[0], "topic": key[1], "queueId": key[2],
                "commitOffset": str(offset)})
            self.committed[key] = offset

    # What the replayed exchanges did.

    def after_heartbeat(self, exchange):
        body = wire.java_json(exchange.request.body.decode())
        for consumer in body.get("consumerDataSet", ()):
            group = consumer["groupName"]
            self.members.setdefault(group, {})[body["clientID"]] = exchange.connection
            self.subscribed[group] = {
                data["topic"]: int(data["subVersion"]) for data in consumer["subscriptionDataSet"]}

    def after_commit(self, fields):
        self.committed[fields["consumerGroup"], fields["topic"], fields["queueId"]] = int(
            fields["commitOffset"])

    def leave(self, group, client):
        members = self.members.get(group, {})
        members.pop(client, None)
        if not members:
            self.subscribed.pop(group, None)

    def gone(self, number):
        """A recorded connection was closed."""
        for group, members in self.members.items():
            for client in [client for client, of in members.items() if of == number]:
                self.leave(group, client)
