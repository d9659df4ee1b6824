"""RocketMQ's own example programs, as they are."""
import wire
from cases import case, check
from lab import until

SENT = r"sendStatus=SEND_OK"
RECEIVED = r"Receive New Messages: \[.*?msgId=(\w+)"


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
def example_ordermessage(lab):
    """The producer chooses queues by order number: a queue has its orders in their order."""
    producer = lab.example("ordermessage.Producer")
    producer.wait_end()
    check(len(producer.found(SENT)) == 100, f"{len(producer.found(SENT))} sends were OK")
    for records in stored(lab, "TopicTestjjj", 4, 100):
        numbers = [int(record.properties["KEYS"].removeprefix("KEY")) for record in records]
        check(numbers == sorted(numbers), f"a queue has {numbers}")


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
