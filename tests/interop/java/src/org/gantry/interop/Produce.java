package org.gantry.interop;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;

/**
 * Sends numbered messages one after the other and says what became of each.
 *
 * <p>Arguments: name server, topic, first number, count (0: until told to stop). Prints
 * {@code acked <number> <queue> <queue offset>} or {@code lost <number> <why>} for each and
 * {@code done} at the end.
 */
public final class Produce {
    private Produce() {
    }

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        int first = Integer.parseInt(args[2]);
        int count = Integer.parseInt(args[3]);
        DefaultMQProducer producer = new DefaultMQProducer("interop_producer");
        producer.setNamesrvAddr(args[0]);
        producer.setDefaultTopicQueueNums(8);
        producer.start();
        AtomicBoolean stopping = new AtomicBoolean();
        Standing.onStop(() -> stopping.set(true));
        for (int i = 0; (count == 0 || i < count) && !stopping.get(); i++) {
            send(producer, topic, first + i);
        }
        producer.shutdown();
        Standing.say("done");
        System.exit(0);
    }

    private static void send(DefaultMQProducer producer, String topic, int number) {
        byte[] body = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
        Message message = new Message(topic, "even", "key-" + number, body);
        try {
            SendResult result = producer.send(message);
            if (result.getSendStatus() == SendStatus.SEND_OK) {
                Standing.say("acked " + number + " " + result.getMessageQueue().getQueueId()
                    + " " + result.getQueueOffset());
            } else {
                Standing.say("lost " + number + " " + result.getSendStatus());
            }
        } catch (Exception failure) {
            Standing.say("lost " + number + " " + failure.toString().replace('\n', ' '));
        }
    }
}
