package org.gantry.interop;

import java.util.Map;
import org.apache.rocketmq.client.QueryResult;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;

/** Verbs of administration that a producer offers: create_topic, query_key, query_id. */
final class Administering {
    private Administering() {
    }

    static void register(Map<String, Program.Verb> verbs) {
        verbs.put("create_topic", Administering::createTopic);
        verbs.put("query_key", Administering::queryKey);
        verbs.put("query_id", Administering::queryId);
    }

    private static Line createTopic(Line command) throws Exception {
        Version.createTopic(
            Producing.named(command.get("by")), command.get("topic"), command.number("queues", 8));
        return new Line();
    }

    /** What is found comes as deliveries. */
    private static Line queryKey(Line command) throws Exception {
        DefaultMQProducer producer = Producing.named(command.get("by"));
        QueryResult found = producer.queryMessage(command.get("topic"), command.get("key"),
            command.number("most", 32), command.big("from_ms", 0),
            command.big("to_ms", Long.MAX_VALUE));
        Consuming.say(command.get("by"), found.getMessageList());
        return new Line().with("found", found.getMessageList().size());
    }

    private static Line queryId(Line command) throws Exception {
        MessageExt found = Producing.named(command.get("by"))
            .viewMessage(command.get("topic"), command.get("msg"));
        return Consuming.describe(new Line(), found);
    }
}
