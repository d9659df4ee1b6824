"""Does what the runner says with RocketMQ's Python client, a C++ core under a thin layer.

Argument: the name server. A command is a line `id=N&do=VERB&...` of form-encoded fields; it is
answered by a line with that id, with `error` when it failed. A message that a consumer is given is a
line `got=CONSUMER&...`. The end of standard input ends the program.
"""
import itertools
import os
import sys
import threading
import urllib.parse

from rocketmq import client, ffi

NAME_SERVER = sys.argv[1]
# What a user of this client writes for what its layer leaves out, with the core's C functions.
SEND_STATUS_OK = client.SendStatus.OK
PULL_STATUS = {0: "FOUND", 1: "NO_NEW_MSG", 2: "NO_MATCHED_MSG", 3: "OFFSET_ILLEGAL", 4: "TIMEOUT"}
producers, pullers, endings = {}, {}, {}
speaking = threading.Lock()
moments = itertools.count(1)  # when listeners begin and end, over all consumers


def say(fields):
    with speaking:
        sys.stdout.write(urllib.parse.urlencode(fields) + "\n")
        sys.stdout.flush()


def start_producer(command):
    producer = client.Producer(command["group"], timeout=10_000)
    producer.set_namesrv_addr(NAME_SERVER)
    producer.start()
    producers[command["as"]] = producer
    endings[command["as"]] = producer.shutdown


def send(command):
    producer = producers[command["by"]]
    message = message_of(command, command["body"])
    how = command.get("how", "sync")
    if how == "oneway":
        return producer.send_oneway(message)
    if how == "async":
        return send_async(producer, message)
    if "queue" in command or "shard" in command:
        return result(producer.send_orderly(message, int(command.get("queue") or command["shard"])))
    return result(producer.send_sync(message))


def send_async(producer, message):
    done, outcome = threading.Event(), []
    producer.send_async(message,
                        lambda sent: (outcome.append(result(sent)), done.set()),
                        lambda failure: (outcome.append(failure), done.set()))
    done.wait(30)
    if not outcome or isinstance(outcome[0], Exception):
        raise RuntimeError(f"not sent: {outcome}")
    return outcome[0]


def batch(command):
    messages = [message_of(command, body) for body in command["bodies"]]
    return result(producers[command["by"]].send_batch(messages))


def message_of(command, body):
    message = client.Message(command["topic"])
    message.set_body(body)
    if "tags" in command:
        message.set_tags(command["tags"])
    if "keys" in command:
        message.set_keys(command["keys"])
    for name, value in command.items():
        if name.startswith("p."):
            message.set_property(name[2:], value)
    return message


def result(sent):
    status = "OK" if sent.status == SEND_STATUS_OK else int(sent.status)
    return {"status": status, "msg": sent.msg_id, "offset": sent.offset}


def start_consumer(command):
    model = ffi.MessageModel.BROADCASTING if command.get("broadcast") else \
        ffi.MessageModel.CLUSTERING
    consumer = client.PushConsumer(command["group"], command.get("orderly") == "1", model)
    consumer.set_namesrv_addr(NAME_SERVER)
    consumer.set_instance_name(command["as"])
    consumer.set_thread_count(int(command.get("threads", 1)))
    consumer.subscribe(command["topic"], lambda message: tell(command, message, next(moments)),
                       command.get("filter", "*"))
    consumer.start()
    endings[command["as"]] = consumer.shutdown


def tell(command, message, began=None):
    """began: when the listener did, if one was called."""
    fields = {"got": command["as"], "topic": message.topic, "body": message.body.decode(),
              "queue": message.queue_id, "offset": message.queue_offset, "msg": message.id,
              "again": message.reconsume_times}
    for name, value in (("tags", message.tags), ("keys", message.keys)):
        if value:
            fields[name] = value.decode()
    for name in command.get("properties", "").split():
        value = message[name]
        if value:
            fields[f"p.{name}"] = value.decode()
    if began:
        fields.update(began=began, ended=next(moments))
    say(fields)


def start_puller(command):
    puller = client.PullConsumer(command["group"])
    puller.set_namesrv_addr(NAME_SERVER)
    puller.start()
    pullers[command["as"]] = puller
    endings[command["as"]] = puller.shutdown


def pull(command):
    """One queue from one offset: the core's own pull, which the layer's generator calls too."""
    queue = ffi._CMessageQueue(
        topic=command["topic"].encode(), brokerName=b"broker-a", queueId=int(command["queue"]))
    found = ffi.dll.Pull(pullers[command["by"]]._handle, queue, b"*", int(command["offset"]), 32)
    try:
        status = PULL_STATUS[int(found.pullStatus)]
        for index in range(found.size if status == "FOUND" else 0):
            tell({"as": command["by"]}, client.RecvMessage(found.msgFoundList[index]))
        return {"status": status, "next": found.nextBeginOffset}
    finally:
        ffi.dll.ReleasePullResult(found)


def stop(command):
    endings.pop(command["as"])()


VERBS = {"producer": start_producer, "send": send, "batch": batch, "consumer": start_consumer,
         "puller": start_puller, "pull": pull, "stop": stop}


def answer(command):
    try:
        fields = VERBS[command["do"]](command) or {}
    except Exception as failure:  # whatever it is, the runner is told
        fields = {"error": f"{type(failure).__name__}: {failure}"}
    say({**fields, "id": command["id"]})


def main():
    say({"ready": 1})
    for line in sys.stdin:
        pairs = urllib.parse.parse_qsl(line.strip(), keep_blank_values=True)
        command = {**dict(pairs), "bodies": [value for name, value in pairs if name == "body"]}
        threading.Thread(target=answer, args=(command,), daemon=True).start()
    os._exit(0)  # the core's threads don't end by themselves


main()
