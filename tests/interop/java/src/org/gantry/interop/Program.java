package org.gantry.interop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What the runner says, done with RocketMQ's Java client. Argument: the name server.
 *
 * <p>A command is a line {@code id=N&do=VERB&...}; it is answered by a line with that id, with
 * {@code error} when it failed. A message that a consumer is given is a line
 * {@code got=CONSUMER&...}. The end of standard input ends the program. Commands run beside one
 * another: the runner waits for an answer when the order matters.
 */
public final class Program {
    /** One verb. Returns the answer's fields. */
    interface Verb {
        Line run(Line command) throws Exception;
    }

    /** Ends a client that a command started. */
    interface Ending {
        void run() throws Exception;
    }

    private static final Map<String, Ending> STARTED = new ConcurrentHashMap<>();

    private Program() {
    }

    public static void main(String[] args) throws Exception {
        Map<String, Verb> verbs = new HashMap<>();
        verbs.put("stop", Program::stop);
        Producing.register(verbs, args[0]);
        Consuming.register(verbs, args[0]);
        Pulling.register(verbs, args[0]);
        Administering.register(verbs);
        ExecutorService workers = Executors.newCachedThreadPool();
        BufferedReader input = new BufferedReader(
            new InputStreamReader(System.in, StandardCharsets.UTF_8));
        say(new Line().with("ready", 1));
        for (String text = input.readLine(); text != null; text = input.readLine()) {
            Line command = Line.parse(text);
            workers.execute(() -> say(answer(verbs, command)));
        }
        Runtime.getRuntime().halt(0);
    }

    static synchronized void say(Line line) {
        System.out.println(line);
        System.out.flush();
    }

    /** From now on {@code do=stop&as=NAME} ends it. */
    static Line started(Line command, Ending ending) {
        STARTED.put(command.get("as"), ending);
        return new Line();
    }

    private static Line stop(Line command) throws Exception {
        STARTED.remove(command.get("as")).run();
        return new Line();
    }

    private static Line answer(Map<String, Verb> verbs, Line command) {
        Line answer;
        try {
            answer = verbs.get(command.get("do")).run(command);
        } catch (Throwable failure) {
            answer = new Line().with("error", failure);
        }
        return answer.with("id", command.get("id"));
    }
}
