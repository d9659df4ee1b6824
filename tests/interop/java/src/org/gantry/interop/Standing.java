package org.gantry.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** How a program talks with the runner: lines on standard output, the end of its input to stop. */
final class Standing {
    private Standing() {
    }

    static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /** Runs {@code stop} once, on its own thread, when standard input ends. */
    static void onStop(Runnable stop) {
        Thread thread = new Thread(() -> {
            awaitEndOfInput();
            stop.run();
        }, "stop");
        thread.setDaemon(true);
        thread.start();
    }

    private static void awaitEndOfInput() {
        try (BufferedReader input = new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (input.readLine() != null) {
                // Only the end says something.
            }
        } catch (IOException broken) {
            // A broken pipe is an end too.
        }
    }
}
