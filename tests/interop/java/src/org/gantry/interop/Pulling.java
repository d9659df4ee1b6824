package org.gantry.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Verbs of consumers that pull: puller, pull, lite. */
@SuppressWarnings("deprecation")  // Of newer clients; users of older ones have nothing else.
final class Pulling {
    private static final Map<String, DefaultMQPullConsumer> PULLERS = new ConcurrentHashMap<>();

    private Pulling() {
    }

    static void register(Map<String, Program.Verb> verbs, String nameServer) {
        verbs.put("puller", command -> start(command, nameServer));
        verbs.put("pull", Pulling::pull);
        verbs.put("lite", command -> lite(command, nameServer));
    }

    private static Line start(Line command, String nameServer) throws Exception {
        DefaultMQPullConsumer puller = new DefaultMQPullConsumer(command.get("group"));
        puller.setNamesrvAddr(nameServer);
        puller.setInstanceName(command.get("as"));
        puller.start();
        PULLERS.put(command.get("as"), puller);
        return Program.started(command, puller::shutdown);
    }

    /** The messages come as deliveries, then how the pull ended. */
    private static Line pull(Line command) throws Exception {
        DefaultMQPullConsumer puller = PULLERS.get(command.get("by"));
        PullResult found = puller.pull(
            queue(puller.fetchSubscribeMessageQueues(command.get("topic")), command),
            command.get("filter", "*"), command.big("offset", 0), command.number("most", 32));
        if (found.getMsgFoundList() != null) {
            Consuming.say(command.get("by"), found.getMsgFoundList());
        }
        return new Line().with("status", found.getPullStatus())
            .with("next", found.getNextBeginOffset())
            .with("least", found.getMinOffset())
            .with("greatest", found.getMaxOffset());
    }

    private static MessageQueue queue(Iterable<MessageQueue> queues, Line command) {
        for (MessageQueue queue : queues) {
            if (queue.getQueueId() == command.number("queue", 0)) {
                return queue;
            }
        }
        throw new IllegalStateException("no queue " + command.get("queue"));
    }

    /** Subscribes, or is assigned the queues named, from an offset if one is named. */
    private static Line lite(Line command, String nameServer) throws Exception {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(command.get("group"));
        consumer.setNamesrvAddr(nameServer);
        consumer.setInstanceName(command.get("as"));
        if (!command.has("assign")) {
            consumer.subscribe(command.get("topic"), command.get("filter", "*"));
        }
        consumer.start();
        if (command.has("assign")) {
            assign(consumer, command);
        }
        AtomicBoolean stopping = new AtomicBoolean();
        Thread polling = new Thread(() -> poll(consumer, command.get("as"), stopping), "poll");
        polling.start();
        return Program.started(command, () -> {
            stopping.set(true);
            polling.join();
            consumer.commitSync();
            consumer.shutdown();
        });
    }

    private static void assign(DefaultLitePullConsumer consumer, Line command) throws Exception {
        List<String> wanted = command.all("assign");
        List<MessageQueue> queues = new ArrayList<>();
        for (MessageQueue queue : consumer.fetchMessageQueues(command.get("topic"))) {
            if (wanted.contains(Integer.toString(queue.getQueueId()))) {
                queues.add(queue);
            }
        }
        // Not by a seek: the client pulls from its assignment on, and a seek that meets a pull on its way
        // makes it lose or repeat messages.
        for (MessageQueue queue : queues) {
            consumer.getOffsetStore().updateOffset(queue, command.big("offset", 0), false);
        }
        consumer.assign(queues);
    }

    private static void poll(DefaultLitePullConsumer consumer, String name, AtomicBoolean stopping) {
        while (!stopping.get()) {
            List<MessageExt> found = consumer.poll(200);
            Consuming.say(name, found);
        }
    }
}
