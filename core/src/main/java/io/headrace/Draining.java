package io.headrace;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Endpoints that stop together, as straight code on a thread of its own.
 *
 * <pre>
 *  delay -> nobody is let in -> what is open is asked to end -> grace -> what is left is cut off -> stages, loops
 * </pre>
 *
 * <p>Whatever goes wrong with one endpoint, every other one is still drained, forced and closed.
 */
final class Draining {
    private static final Transport.Listener.Forced NOTHING_FORCED = new Transport.Listener.Forced(0, 0);
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final List<RunningEndpoint> endpoints;
    private final Drain drain;
    private final long startNs = Clock.system().nanoTime();
    private final long deadlineNs;

    Draining(List<RunningEndpoint> endpoints, Drain drain) {
        this.endpoints = endpoints;
        this.drain = drain;
        this.deadlineNs = startNs + drain.delay().toNanos() + drain.grace().toNanos();
    }

    /** Stops them, and completes each one's report. Blocks until everything is closed. */
    void run() {
        List<String> names = endpoints.stream().map(RunningEndpoint::name).toList();
        LOG.info("draining {}, {}", names, drain);
        endpoints.forEach(each -> each.draining(startNs));
        waitForDelay();
        endpoints.forEach(each -> each.stopAccepting(remainingNs()));
        List<Integer> open = new ArrayList<>();
        for (RunningEndpoint each : endpoints) {
            open.add(each.attempt(0, each.listener()::drain));
        }
        for (RunningEndpoint each : endpoints) {
            each.attempt(false, () -> each.listener().awaitEmpty(remainingNs()));
        }
        List<Transport.Listener.Forced> forced =
                endpoints.stream().map(this::force).toList();
        for (int i = endpoints.size() - 1; i >= 0; i--) {
            endpoints.get(i).close();
        }
        DrainReport all = new DrainReport(0, 0, 0, drain.delay(), sinceStart());
        List<DrainReport> reports = new ArrayList<>();
        for (int i = 0; i < endpoints.size(); i++) {
            reports.add(report(open.get(i), forced.get(i)));
            all = all.plus(reports.get(i));
        }
        LOG.info("stopped {}: {}", names, all);
        for (int i = 0; i < endpoints.size(); i++) {
            endpoints.get(i).stopped().complete(reports.get(i));
        }
    }

    private void waitForDelay() {
        try {
            TimeUnit.NANOSECONDS.sleep(drain.delay().toNanos());
        } catch (InterruptedException hurry) {
            // The delay is over, the drain is not.
        }
    }

    private Transport.Listener.Forced force(RunningEndpoint endpoint) {
        Transport.Listener.Forced cut = endpoint.attempt(NOTHING_FORCED, endpoint.listener()::force);
        if (cut.connections() > 0) {
            int unlisted = cut.connections() - cut.first().size();
            LOG.warn(
                    "{}: cut off {} when the grace was over{}{}",
                    endpoint,
                    cut.connections(),
                    cut.first().stream().map(one -> "\n\t" + one).collect(Collectors.joining()),
                    unlisted == 0 || cut.first().isEmpty() ? "" : "\n\tand " + unlisted + " more");
        }
        return cut;
    }

    private DrainReport report(int open, Transport.Listener.Forced cut) {
        int graceful = Math.max(0, open - cut.connections());
        return new DrainReport(graceful, cut.connections(), cut.droppedBytes(), drain.delay(), sinceStart());
    }

    private Duration sinceStart() {
        return Duration.ofNanos(Clock.system().nanoTime() - startNs);
    }

    private long remainingNs() {
        return Math.max(0, deadlineNs - Clock.system().nanoTime());
    }
}
