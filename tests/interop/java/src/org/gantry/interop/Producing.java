package org.gantry.interop;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** Verbs of producers: producer, send, batch, request. */
final class Producing {
    private static final Map<String, DefaultMQProducer> PRODUCERS = new ConcurrentHashMap<>();

    private Producing() {
    }

    static void register(Map<String, Program.Verb> verbs, String nameServer) {
        verbs.put("producer", command -> start(command, nameServer));
        verbs.put("send", Producing::send);
        verbs.put("batch", Producing::batch);
        verbs.put("request", Producing::request);
    }

    static DefaultMQProducer named(String name) {
        return PRODUCERS.get(name);
    }

    private static Line start(Line command, String nameServer) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(command.get("group"));
        producer.setNamesrvAddr(nameServer);
        producer.setInstanceName(command.get("as"));
        producer.setDefaultTopicQueueNums(8);
        producer.setSendMsgTimeout(10_000);
        producer.start();
        PRODUCERS.put(command.get("as"), producer);
        return Program.started(command, producer::shutdown);
    }

    private static Line send(Line command) throws Exception {
        DefaultMQProducer producer = named(command.get("by"));
        Message message = message(command, command.get("body"));
        switch (command.get("how", "sync")) {
            case "oneway":
                producer.sendOneway(message);
                return new Line();
            case "async":
                return sendAsync(producer, message);
            default:
                return result(sendSync(producer, message, command));
        }
    }

    private static SendResult sendSync(DefaultMQProducer producer, Message message, Line command)
            throws Exception {
        if (command.has("queue")) {
            int wanted = command.number("queue", 0);
            for (MessageQueue queue : producer.fetchPublishMessageQueues(message.getTopic())) {
                if (queue.getQueueId() == wanted) {
                    return producer.send(message, queue);
                }
            }
            throw new IllegalStateException("no queue " + wanted);
        }
        if (command.has("shard")) {
            return producer.send(message,
                (queues, sent, shard) -> queues.get((Integer) shard % queues.size()),
                command.number("shard", 0));
        }
        return producer.send(message);
    }

    private static Line sendAsync(DefaultMQProducer producer, Message message) throws Exception {
        CompletableFuture<SendResult> done = new CompletableFuture<>();
        producer.send(message, new SendCallback() {
            @Override
            public void onSuccess(SendResult sent) {
                done.complete(sent);
            }

            @Override
            public void onException(Throwable failure) {
                done.completeExceptionally(failure);
            }
        });
        return result(done.get(30, TimeUnit.SECONDS));
    }

    private static Line batch(Line command) throws Exception {
        List<Message> messages = new ArrayList<>();
        for (String body : command.all("body")) {
            messages.add(message(command, body));
        }
        return result(named(command.get("by")).send(messages));
    }

    private static Line request(Line command) throws Exception {
        Message reply = named(command.get("by")).request(
            message(command, command.get("body")), command.big("timeout_ms", 10_000));
        return new Line().with("body", new String(reply.getBody(), StandardCharsets.UTF_8));
    }

    private static Message message(Line command, String body) {
        Message message = new Message(
            command.get("topic"), body.getBytes(StandardCharsets.UTF_8));
        if (command.has("tags")) {
            message.setTags(command.get("tags"));
        }
        if (command.has("keys")) {
            message.setKeys(command.get("keys"));
        }
        command.properties().forEach(message::putUserProperty);
        return message;
    }

    private static Line result(SendResult sent) {
        return new Line().with("status", sent.getSendStatus().name().replace("SEND_", ""))
            .with("msg", sent.getMsgId())
            .with("offset_msg", sent.getOffsetMsgId())
            .with("queue", sent.getMessageQueue().getQueueId())
            .with("offset", sent.getQueueOffset());
    }
}
