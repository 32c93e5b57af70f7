package io.headrace.samples;

import ch.qos.logback.classic.LoggerContext;
import io.headrace.Server;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** Lets out what waits in the queue of the log before the process ends: a second at most. */
final class LastWords {
    /** A server that is stopped logs how it went; one that cannot be stopped must not keep the process. */
    private static final long PATIENCE_S = 60;

    private LastWords() {}

    /** After this server has stopped, when the JVM shuts down. */
    static void of(Server server) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.stopped()
                    .completeOnTimeout(null, PATIENCE_S, TimeUnit.SECONDS)
                    .join();
            say();
        }));
    }

    /** Now. */
    static void say() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logging) {
            logging.stop();
        }
    }
}
