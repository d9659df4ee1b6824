"""What producers do. What is stored is read back by a plain pull and compared whole."""
from features import feature
from lab import check, check_same, until

MANY = 40


def check_stored(lab, topic, queues, answers):
    """Each answered send is stored once, where its answer said; nothing else is. body → record."""
    stored = lab.stored(topic, queues, len(answers))
    check_same("stored bodies", [record.body.decode() for record in stored], answers)
    records = {record.body.decode(): record for record in stored}
    for body, answer in answers.items():
        record = records[body]
        check(answer["status"] == "OK", f"{body} was answered {answer}")
        for name, value in (("queue", record.queue), ("offset", record.queue_offset)):
            check(int(answer.get(name, value)) == value, f"{body} is at {record}, not {answer}")
        if "UNIQ_KEY" in record.properties and "msg" in answer:
            check(answer["msg"] == record.properties["UNIQ_KEY"], f"{answer} of {record}")
        if "offset_msg" in answer:
            check(int(answer["offset_msg"][16:], 16) == record.log_offset, f"{answer}: {record}")
    return records


@feature("send and wait")
def send_sync(lab):
    topic = lab.topic(4)
    answers = {body: lab.send(topic, body) for body in numbered("s")}
    check_stored(lab, topic, 4, answers)


@feature("send, told later")
def send_async(lab):
    """All are under way at once."""
    topic = lab.topic(4)
    tickets = {body: lab.post("send", topic, body=body, how="async") for body in numbered("a")}
    answers = {body: lab.program.answer(ticket) for body, ticket in tickets.items()}
    check_stored(lab, topic, 4, answers)


@feature("send, told nothing")
def send_oneway(lab):
    topic = lab.topic(1)
    for body in numbered("o"):
        lab.send(topic, body, how="oneway")
    found = []
    until("one-way sends", lambda: arrive(lab, topic, found) >= MANY)
    check_same("stored bodies", found, numbered("o"))


def arrive(lab, topic, found):
    """How many there are, of queue 0; waits for more as a consumer does."""
    _, records, _ = lab.wire.pull_records(topic, 0, len(found), wait_ms=5000)
    found += [record.body.decode() for record in records]
    return len(found)


@feature("batch of messages")
def batch(lab):
    topic = lab.topic(4)
    bodies = numbered("b")
    answer = lab.program.answer(lab.post("batch", topic, body=bodies))
    check(answer["status"] == "OK", f"the batch was answered {answer}")
    records = lab.stored(topic, 4, MANY)
    check([record.body.decode() for record in records] == bodies, f"stored: {records}")
    check(len({record.queue for record in records}) == 1, "a batch went to several queues")
    check([record.queue_offset for record in records] == list(range(MANY)), "offsets have gaps")
    check(int(answer.get("offset", 0)) == 0, f"the batch is at offset 0, said {answer}")


@feature("keys, tags, properties, unique key")
def properties(lab):
    """Both what is stored and what a consumer of the client gets."""
    topic = lab.topic()
    fields = {"tags": "tag", "keys": "one two"}
    if lab.client.properties:
        fields.update({"p.colour": "green", "p.grösse": "鱼 & chips = 1%"})
    answer = lab.send(topic, "body ü", **fields)
    record = check_stored(lab, topic, 8, {"body ü": answer})["body ü"]
    consumer = lab.consumer(topic, properties="colour grösse", **{"from": "first_offset"})
    consumer.wait_bodies(["body ü"])
    got, = consumer.got()
    for name, value in fields.items():
        kept = record.properties.get({"tags": "TAGS", "keys": "KEYS"}.get(name, name[2:]))
        check(kept == value, f"stored {record.properties}, sent {fields}")
        check(got.get(name) == value, f"consumed {got}, sent {fields}")
    if "UNIQ_KEY" in record.properties:
        check(got.get("p.UNIQ_KEY", got["msg"]) == record.properties["UNIQ_KEY"],
              f"consumed {got} of {record}")


@feature("compressed bodies")
def compression(lab):
    topic = lab.topic()
    body = "all work and no play " * 2000
    lab.send(topic, body)
    record, = lab.stored(topic, 8, 1)
    check(record.system_flag & 1, f"the flag says {record.system_flag}")
    check(len(record.body) < len(body) / 10, f"{len(record.body)} bytes are stored")
    consumer = lab.consumer(topic, **{"from": "first_offset"})
    consumer.wait_bodies([body])


@feature("queue by name, queue by selector")
def selector(lab):
    topic = lab.topic()
    shards = (2, 3, 4)  # ali-ons takes a key that means queue 0, as 1 does, for no key
    answers = {body: lab.send(topic, body, shard=shards[number % 3])
               for number, body in enumerate(numbered("q"))}
    records = check_stored(lab, topic, 8, answers)
    queues = [{records[body].queue for body in list(answers)[first::3]} for first in range(3)]
    check(all(len(found) == 1 for found in queues), f"shards went to {queues}")
    if lab.client.named_queue:
        other = lab.topic()
        named = {body: lab.send(other, body, queue=number % 8)
                 for number, body in enumerate(numbered("n"))}
        stored = check_stored(lab, other, 8, named)
        wrong = [body for number, body in enumerate(named) if stored[body].queue != number % 8]
        check(not wrong, f"not in the queue named: {wrong}")


@feature("request and reply", slow=True)
def request_reply(lab):
    """A reply finds who asked by the heartbeats of its producer; some clients' first that says
    anything comes by their own clock."""
    lab.send(lab.topic(), "hello")  # so the client knows the broker
    lab.wait_producer_known()
    topic = lab.topic()
    lab.consumer(topic, reply_by=lab.producer(), **{"from": "first_offset"})
    for number in range(5):
        answer = lab.program.answer(lab.post("request", topic, body=f"question {number}"))
        check(answer["body"] == f"question {number}"[::-1], f"the reply: {answer}")


@feature("send to a topic nobody made")
def auto_create(lab):
    topic = lab.name("made_by_send")
    answers = {body: lab.send(topic, body) for body in numbered("c")}
    check_stored(lab, topic, lab.queues_of(topic), answers)


def numbered(stem):
    return [f"{stem}{number}" for number in range(MANY)]
