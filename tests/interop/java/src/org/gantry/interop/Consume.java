package org.gantry.interop;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * A push consumer that says what it gets. One consuming thread, so what is printed of a queue is in
 * the order it was handed over.
 *
 * <p>Arguments: name server, group, topic, how many to consume before hanging (0: never). A consumer
 * that hangs keeps its next message in hand until it is stopped, as a slow user's would. Prints
 * {@code started}, {@code got <body> <queue> <queue offset> <reconsumed times>} for each message and
 * {@code done} at the end.
 */
public final class Consume {
    private Consume() {
    }

    public static void main(String[] args) throws Exception {
        int most = Integer.parseInt(args[3]);
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger seen = new AtomicInteger();
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(args[1]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setPollNameServerInterval(1000);
        consumer.setConsumeThreadMin(1);
        consumer.setConsumeThreadMax(1);
        consumer.subscribe(args[2], "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            if (most > 0 && seen.getAndAdd(messages.size()) >= most) {
                hang(never);
            }
            say(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        Standing.onStop(() -> {
            consumer.shutdown();
            Standing.say("done");
            Runtime.getRuntime().halt(0);
        });
        Standing.say("started");
    }

    private static void say(List<MessageExt> messages) {
        for (MessageExt message : messages) {
            Standing.say("got " + new String(message.getBody(), StandardCharsets.UTF_8) + " "
                + message.getQueueId() + " " + message.getQueueOffset() + " "
                + message.getReconsumeTimes());
        }
    }

    private static void hang(CountDownLatch never) {
        while (true) {
            try {
                never.await();
            } catch (InterruptedException ignored) {
                // The client interrupts its threads when it stops; this message stays unconsumed.
            }
        }
    }
}
