"""RocketMQ's own example programs, as they are: the mains of quickstart, simple, ordermessage,
broadcast, batch and rpc."""
import wire
from cases import case, check
from lab import until

SENT = r"sendStatus=SEND_OK"
RECEIVED = r"Receive New Messages: \[.*?msgId=(\w+)"
PLACE = r"queueId=(\d+), storeSize=\d+, queueOffset=(\d+)"
TAGS = ("TagA", "TagB", "TagC", "TagD", "TagE")
ROUND_S = 0.2  # so long a round of messages has to come before the next is sent


def make_topic(lab, name, queues=4):
    """Some consumers don't start before their topic is there."""
    with wire.Client(lab.node.broker) as client:
        header = client.create_topic(name, queues)
    check(header["code"] == 0, f"creating {name} was answered {header}")


def stored(lab, topic, queues, count):
    """Every record of the topic, queue by queue, once there are so many."""
    found = []

    def all_there():
        found[:] = [wire.pull_all_records(client, topic, queue) for queue in range(queues)]
        return sum(map(len, found)) >= count

    with wire.Client(lab.node.broker) as client:
        until(f"{count} records of {topic}", all_there)
    return found


def feed(lab, topic, each, queues=4):
    """So many messages to each queue, tagged in turn; (queue, offset) → tag."""
    fed = {}
    with wire.Client(lab.node.broker) as client:
        for number in range(each * queues):
            tag = TAGS[number // queues % len(TAGS)]
            header = client.send(topic, number % queues, b"%d" % number, {"TAGS": tag})
            check(header["code"] == 0, f"a send was answered {header}")
            fields = header["extFields"]
            fed[int(fields["queueId"]), int(fields["queueOffset"])] = tag
    return fed


def feed_until_consumed(lab, consumer, topic, queues=4):
    """Rounds of messages until one of each queue has come to the consumer, which begins at the end."""
    def begun():
        return len({queue for queue, _ in places(consumer)}) == queues

    while not consumer.hear(begun, ROUND_S):
        check(not consumer.ended, consumer.said())
        feed(lab, topic, 1, queues)


def places(consumer):
    """(queue, offset) of every message that it showed."""
    return {(int(queue), int(offset)) for queue, offset in consumer.found(PLACE)}


def committed(client, group, topic, queue):
    header, _ = client.ask(wire.QUERY_OFFSET, {
        "consumerGroup": group, "topic": topic, "queueId": str(queue), "setZeroIfNotFound": "false"})
    return int(header["extFields"]["offset"]) if header["code"] == 0 else None


def end(client, topic, queue):
    header, _ = client.ask(wire.END_OFFSET, {"topic": topic, "queueId": str(queue)})
    return int(header["extFields"]["offset"])


def check_received(consumer, count, pattern=RECEIVED):
    """Each of so many once."""
    found = consumer.wait_found(pattern, count)
    check(len(found) == len(set(found)) == count, f"{len(found)} came, {len(set(found))} different")


@case(java=True)
def example_quickstart(lab):
    make_topic(lab, "TopicTest")
    consumer = lab.example("quickstart.Consumer")
    consumer.wait_found("Consumer Started", 1)
    producer = lab.example("quickstart.Producer")
    producer.wait_end()
    check(len(producer.found(SENT)) == 1000, f"{len(producer.found(SENT))} sends were OK")
    check_received(consumer, 1000)


@case(java=True)
def example_simple(lab):
    """Sends of two kinds; a push consumer gets those of its topic."""
    make_topic(lab, "TopicTest")
    push = lab.example("simple.PushConsumer")
    push.wait_found("Consumer Started", 1)
    producer, asynchronous = lab.example("simple.Producer"), lab.example("simple.AsyncProducer")
    producer.wait_end()
    asynchronous.wait_end()
    check(len(producer.found(SENT)) == 128, f"{len(producer.found(SENT))} OK; {producer.said()}")
    check_received(push, 128)
    found = sum(map(len, stored(lab, "Jodie_topic_1023", 4, 100)))
    check(found == 100, f"{found} of 100 asynchronous sends are stored")


@case(java=True)
def example_simple_lite_pull(lab):
    """Subscribed, assigned, assigned with tags, and a pull on a schedule."""
    for topic in ("TopicTest", "TopicTest1"):
        make_topic(lab, topic)
    fed = feed(lab, "TopicTest", 20)
    subscribed = lab.example("simple.LitePullConsumerSubscribe")
    subscribed.wait("all messages", lambda: places(subscribed) == set(fed))
    # Half of the queues, one of them from 10 on.
    assigned = lab.example("simple.LitePullConsumerAssign")
    assigned.wait("its messages", lambda: len(places(assigned)) == 20 + 10)
    half = {queue for queue, _ in places(assigned)}
    check(len(half) == 2 and places(assigned) < set(fed), f"{places(assigned)}")
    assigned.close()
    # All queues, of the same group: what is new to it is in the other half.
    filtered = lab.example("simple.LitePullConsumerAssignWithSubExpression")
    wanted = {place for place, tag in fed.items() if tag == "TagA" and place[0] not in half}
    filtered.wait("what has its tag", lambda: wanted <= places(filtered))
    check({fed[place] for place in places(filtered)} == {"TagA"}, f"{places(filtered)}")
    scheduled = lab.example("simple.PullScheduleService")
    scheduled.wait_found(r"\b0\t.*msgFoundList=20\b", 4)  # the four queues, each from its begin


@case(java=True, network=True)
def example_simple_of_named_server(lab):
    """Those that name the name server themselves."""
    make_topic(lab, "TopicTest")
    group = "please_rename_unique_group_name_5"
    pull = lab.example("simple.PullConsumer")  # which says nothing, but commits

    def all_committed(offsets):
        return all(committed(client, group, "TopicTest", queue) == offset
                   for queue, offset in enumerate(offsets))

    with wire.Client(lab.node.broker) as client:
        until("its first commits", lambda: all_committed([0] * 4), between=pull.pause)
        lab.example("simple.OnewayProducer").wait_end()
        found = [len(queue) for queue in stored(lab, "TopicTest", 4, 100)]
        check(sum(found) == 100, f"{sum(found)} of 100 one-way sends are stored")
        until("the commits behind them", lambda: all_committed(found), between=pull.pause)
    pull.close()  # the next is of its group
    acl = lab.example("simple.AclClient")
    acl.wait_found("body : Hello world", 128 * 2)  # to its push consumer and its pull consumer
    check(len(acl.found(SENT)) == 128, f"{len(acl.found(SENT))} OK; {acl.said()}")


@case(java=True)
def example_ordermessage(lab):
    """The producer chooses queues by order number: a queue has its orders in their order."""
    producer = lab.example("ordermessage.Producer")
    producer.wait_end()
    check(len(producer.found(SENT)) == 100, f"{len(producer.found(SENT))} sends were OK")
    for records in stored(lab, "TopicTestjjj", 4, 100):
        numbers = [int(record.properties["KEYS"].removeprefix("KEY")) for record in records]
        check(numbers == sorted(numbers), f"a queue has {numbers}")


@case(java=True)
def example_ordermessage_consumer(lab):
    """It asks for three tags of five and sometimes for a pause: then the same comes again, and
    nothing overtakes it."""
    make_topic(lab, "TopicTest")
    consumer = lab.example("ordermessage.Consumer")
    consumer.wait_found("Consumer Started", 1)
    fed = feed(lab, "TopicTest", 10)
    wanted = {place for place, tag in fed.items() if tag in ("TagA", "TagC", "TagD")}
    consumer.wait("what it asked for", lambda: wanted <= places(consumer))
    check(places(consumer) == wanted, f"also {places(consumer) - wanted}")
    for queue in range(4):
        offsets = [int(offset) for at, offset in consumer.found(PLACE) if int(at) == queue]
        check(offsets == sorted(offsets), f"queue {queue} came as {offsets}")


@case(java=True)
def example_broadcast(lab):
    """Two consumers each get what has the tags they ask for."""
    make_topic(lab, "TopicTest")
    consumers = [lab.example("broadcast.PushConsumer") for _ in range(2)]
    for consumer in consumers:
        consumer.wait_found("Broadcast Consumer Started", 1)
    sent = lab.example("simple.Producer")
    sent.wait_end()
    check(len(sent.found(SENT)) == 128, f"{len(sent.found(SENT))} OK; {sent.said()}")
    for consumer in consumers:
        check_received(consumer, 128)


@case(java=True)
def example_batch(lab):
    make_topic(lab, "BatchTest")
    lab.example("batch.SimpleBatchProducer")  # which doesn't end by itself
    bodies = [record.body for queue in stored(lab, "BatchTest", 4, 3) for record in queue]
    check(bodies == [b"Hello world %d" % number for number in range(3)], f"stored: {bodies}")


@case(java=True)
def example_batch_split(lab):
    """A hundred thousand messages in batches of a megabyte."""
    make_topic(lab, "BatchTest")
    producer = lab.example("batch.SplitBatchProducer")  # which doesn't end by itself
    with wire.Client(lab.node.broker) as client:
        def count():
            return sum(end(client, "BatchTest", queue) for queue in range(4))

        until("all of them", lambda: count() >= 100_000 or producer.ended,
              between=producer.pause)
        check(count() == 100_000, f"{count()} are stored; {producer.said()}")



@case(java=True, network=True)
def example_rpc(lab):
    """Requests, waiting and with a callback, and the replies to them."""
    make_topic(lab, "RequestTopic")
    responder = lab.example("rpc.ResponseConsumer")
    responder.wait_found("Consumer Started", 1)
    feed_until_consumed(lab, responder, "RequestTopic")
    waiting = lab.example("rpc.RequestProducer")
    waiting.wait_end()
    calling = lab.example("rpc.AsyncRequestProducer")  # which doesn't end by itself
    contents = ", ".join(str(byte) for byte in b"reply message contents.")
    for producer in (waiting, calling):  # the callback is also called, without a reply, for the send
        producer.wait_found(rf"replyMessage: .*body=\[{contents}\]", 1)
    check(len(responder.wait_found("reply to .*" + SENT, 2)) == 2, responder.said())
