package io.headrace;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks every loop for a sign of life, and reports one that gives none: once, with its stack. */
final class Watchdog {
    private static final Logger LOG = LoggerFactory.getLogger(Loops.class);

    private final List<Probe> probes;
    private final long blockedNs;
    private final Thread thread;

    Watchdog(String name, List<Loop> loops, Duration reportBlockedAfter) {
        this.probes = loops.stream().map(Probe::new).toList();
        this.blockedNs = reportBlockedAfter.toNanos();
        this.thread = Loops.thread(name + "-watchdog", this::watch);
    }

    void start() {
        thread.start();
    }

    void stop() {
        thread.interrupt();
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(Math.max(1, blockedNs / 2 / 1_000_000));
                for (Probe probe : probes) {
                    probe.check();
                }
            }
        } catch (InterruptedException | RejectedExecutionException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Probe {
        private final Loop loop;
        private volatile boolean answered = true;
        private long askedNs;
        private boolean reported;

        Probe(Loop loop) {
            this.loop = loop;
        }

        void check() {
            long nowNs = Clock.system().nanoTime();
            if (answered) {
                answered = false;
                reported = false;
                askedNs = nowNs;
                loop.eventLoop().execute(() -> answered = true);
            } else if (!reported && nowNs - askedNs > blockedNs) {
                reported = true;
                report(nowNs - askedNs);
            }
        }

        private void report(long silentNs) {
            StringBuilder stack = new StringBuilder();
            for (StackTraceElement frame : loop.thread().getStackTrace()) {
                stack.append("\n\tat ").append(frame);
            }
            LOG.warn(
                    "event loop {} has been blocked for {} ms; code that blocks belongs on workers or in converse:{}",
                    loop.name(),
                    silentNs / 1_000_000,
                    stack);
        }
    }
}
