package org.gantry.interop;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.MQProducer;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** The verb of push consumers: consumer. */
final class Consuming {
    /** Counts when orderly listeners begin and end, over all consumers of the program. */
    private static final AtomicLong MOMENTS = new AtomicLong();

    private Consuming() {
    }

    static void register(Map<String, Program.Verb> verbs, String nameServer) {
        verbs.put("consumer", command -> start(command, nameServer));
    }

    private static Line start(Line command, String nameServer) throws Exception {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(command.get("group"));
        consumer.setNamesrvAddr(nameServer);
        consumer.setInstanceName(command.get("as"));
        consumer.setConsumeThreadMin(command.number("threads", 1));
        consumer.setConsumeThreadMax(command.number("threads", 1));
        consumer.setPersistConsumerOffsetInterval(1000);
        // After a rebalance 5.x renews its subscription by a heartbeat, which it leaves out if one is
        // under way; until the next one, brokers answer its pulls with 25.
        consumer.setHeartbeatBrokerInterval(3000);
        consumer.setConsumeFromWhere(ConsumeFromWhere.valueOf(
            "CONSUME_FROM_" + command.get("from", "last_offset").toUpperCase()));
        if (command.has("timestamp")) {
            consumer.setConsumeTimestamp(command.get("timestamp"));
        }
        if (command.flag("broadcast")) {
            Version.broadcast(consumer);
        }
        subscribe(consumer, command);
        listen(consumer, command);
        try {
            consumer.start();
        } catch (MQClientException refused) {
            consumer.shutdown();
            throw refused;
        }
        return Program.started(command, consumer::shutdown);
    }

    private static void subscribe(DefaultMQPushConsumer consumer, Line command) throws Exception {
        String topic = command.get("topic");
        String expression = command.get("filter", "*");
        switch (command.get("type", "TAG")) {
            case "TAG":
                consumer.subscribe(topic, expression);
                break;
            case "SQL92":
                consumer.subscribe(topic, MessageSelector.bySql(expression));
                break;
            default:
                // A MessageSelector has no other type; this is what subscribe() does with one.
                consumer.getDefaultMQPushConsumerImpl().getSubscriptionInner()
                    .put(topic, Version.subscription(topic, expression, command.get("type")));
        }
    }

    private static void listen(DefaultMQPushConsumer consumer, Line command) {
        String name = command.get("as");
        if (command.flag("orderly")) {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                long began = MOMENTS.incrementAndGet();
                for (MessageExt message : messages) {
                    Program.say(describe(new Line().with("got", name), message)
                        .with("began", began).with("ended", MOMENTS.incrementAndGet()));
                }
                return ConsumeOrderlyStatus.SUCCESS;
            });
            return;
        }
        MQProducer replier = command.has("reply_by")
            ? Producing.named(command.get("reply_by")) : null;
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            if (replier != null && !reply(replier, messages)) {
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            say(name, messages);
            if (command.flag("refuse") && messages.get(0).getReconsumeTimes() == 0) {
                context.setDelayLevelWhenNextConsume(1);
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
    }

    /** Answers each request with its own text, turned round. */
    private static boolean reply(MQProducer replier, List<MessageExt> requests) {
        try {
            for (MessageExt request : requests) {
                String text = new String(request.getBody(), StandardCharsets.UTF_8);
                byte[] turned = new StringBuilder(text).reverse().toString()
                    .getBytes(StandardCharsets.UTF_8);
                Message reply = MessageUtil.createReplyMessage(request, turned);
                replier.send(reply, 10_000);
            }
            return true;
        } catch (Exception failure) {
            Program.say(new Line().with("note", "reply: " + failure));
            return false;
        }
    }

    static void say(String name, List<MessageExt> messages) {
        for (MessageExt message : messages) {
            Program.say(describe(new Line().with("got", name), message));
        }
    }

    static Line describe(Line line, MessageExt message) {
        line.with("topic", message.getTopic())
            .with("body", new String(message.getBody(), StandardCharsets.UTF_8))
            .with("queue", message.getQueueId())
            .with("offset", message.getQueueOffset())
            .with("msg", message.getMsgId())
            .with("again", message.getReconsumeTimes());
        if (message.getTags() != null) {
            line.with("tags", message.getTags());
        }
        if (message.getKeys() != null) {
            line.with("keys", message.getKeys());
        }
        message.getProperties().forEach((name, value) -> line.with("p." + name, value));
        return line;
    }
}
