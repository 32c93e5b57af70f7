package io.headrace;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an endpoint has to say about trouble: one WARN per reason in ten seconds, with a count of the rest. Any thread. */
public final class Reports {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(10);

    static {
        new Reason(0); // Loaded now: the first report may be that there are no descriptors, and a class may need one.
    }

    private final String subject;
    private final Clock clock;
    private final Map<String, Reason> reasons =
            new ConcurrentHashMap<>(); // Keys are constants of the code, so it is bounded.

    Reports(String subject, Clock clock) {
        this.subject = subject;
        this.clock = clock;
    }

    /**
     * Says that something went wrong.
     *
     * @param reason a constant, never a peer's text
     * @param detail what and with whom; already escaped
     * @param fault the application's own fault, logged with its stack; null for what a peer did
     */
    public void warn(String reason, String detail, Throwable fault) {
        warn(reason, () -> detail, fault);
    }

    /** The same, for what a peer may do a million times a second: {@code detail} is put into words only when it is said. */
    public void warn(String reason, Supplier<String> detail, Throwable fault) {
        Reason entry = reasons.computeIfAbsent(reason, key -> new Reason(clock.nanoTime() - QUIET_NS - 1));
        long silenced;
        synchronized (entry) {
            long nowNs = clock.nanoTime();
            if (nowNs - entry.lastNs <= QUIET_NS) {
                entry.silenced++;
                return;
            }
            silenced = entry.silenced;
            entry.silenced = 0;
            entry.lastNs = nowNs;
        }
        String rest = silenced == 0 ? "" : " (and " + silenced + " more since the last such line)";
        LOG.warn("{}: {}: {}{}", subject, reason, detail.get(), rest, fault);
    }

    private static final class Reason {
        private long lastNs;
        private long silenced;

        Reason(long lastNs) {
            this.lastNs = lastNs;
        }
    }
}
