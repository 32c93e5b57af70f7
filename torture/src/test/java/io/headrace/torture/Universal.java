package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What must hold after every case, U1 to U6 of the torture list. */
final class Universal {
    static final Duration BACK_TO_BASELINE = Duration.ofSeconds(10);
    private static final long ANSWERS_NS = TimeUnit.MILLISECONDS.toNanos(500);
    /**
     * What a few slices of the scheduler come to: less than this is no ratio of anything. Answers take a fraction of a millisecond, and a
     * slice of somebody else's on the processor of the client's thread, which {@link Latencies} does not take off, is a multiple of that.
     * The price: by its R, a case may add 20 to 50 ms before it is told.
     */
    private static final long RESOLUTION_NS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Answers of bystanders in a case at least, and after it: what it has done may show late. */
    private static final int ANSWERS = 25 * Bystanders.CONNECTIONS;

    private static final int ANSWERS_AFTER = 5 * Bystanders.CONNECTIONS;

    private static final long DIRECT_BYTES = 32 << 20;
    /** Ten seconds, but for how much later the log reads its clock. */
    private static final long ONE_WARNING_MS = 9_900;

    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Subject subject;
    private final Bystanders bystanders;
    private final Duration backToBaseline;
    private final int descriptors;
    private final List<String> threads;
    private final long directBytes;
    private final long beforeNs;

    /** Taken before the case begins. {@code bystanders} null where none can reach the server. */
    Universal(Subject subject, Bystanders bystanders, Duration backToBaseline) {
        this.backToBaseline = backToBaseline;
        this.subject = subject;
        this.bystanders = bystanders;
        descriptors = subject.descriptors();
        threads = subject.threads();
        directBytes = subject.directBytes();
        beforeNs = bystanders == null ? 0 : bystanders.cut()[0].p99Ns();
    }

    /** Everything, for a server that still runs. {@code slower}: R of the list. */
    void check(double slower) throws Exception {
        loopsAnswer();
        bystandersAreWell(slower);
        everythingIsGivenBack();
        eachConnectionIsCounted();
        logIsQuiet(subject.log());
        logCountsNobodyTwice(subject.log(), subject.meters());
        nobodyWaitsToBeClosed();
    }

    /** U1. The best of three: the probe and the server share a processor with whatever else runs. */
    private void loopsAnswer() {
        assertThat(subject.alive()).as("U1: alive").isTrue();
        long bestNs = Math.min(subject.probeNs(), Math.min(subject.probeNs(), subject.probeNs()));
        assertThat(bestNs).as("U1: every loop answers in 500 ms").isLessThan(ANSWERS_NS);
    }

    /**
     * U2. The p99 of all answers in the case, with what {@link Latencies} takes off, against R times the greatest of three: what the same
     * bystanders saw before the case, what the control saw in its worst window during it, and the floor. The control is served in the
     * test's JVM by a thread that nobody attacks, so what it sees is the machine, the collector of this JVM, and the bystanders' own thread.
     * Its worst window counts, because one bad quarter of a second is enough for the bystanders' p99.
     */
    private void bystandersAreWell(double slower) throws InterruptedException {
        if (bystanders == null) {
            return;
        }
        bystanders.measure(Math.max(ANSWERS_AFTER, ANSWERS - bystanders.answers()));
        Latencies[] during = bystanders.cut();
        assertThat(bystanders.errorsAtTheEnd()).as("U2: errors of bystanders").isEmpty();
        long ownNs = during[0].p99Ns();
        long controlNs = during[1].worstP99Ns();
        assertThat((double) ownNs)
                .as(
                        "U2: p99 of bystanders in ns over %d answers; %d ns before, at worst %d ns for the control",
                        during[0].count(), beforeNs, controlNs)
                .isLessThanOrEqualTo(slower * Math.max(RESOLUTION_NS, Math.max(beforeNs, controlNs)));
    }

    /** U3. */
    private void everythingIsGivenBack() {
        within(backToBaseline, () -> {
            assertThat(subject.active()).as("U3: active connections").isZero();
            assertThat(subject.descriptors())
                    .as(() -> "U3: descriptors, which are " + Proc.kinds(subject.descriptorFolder()))
                    .isBetween(descriptors - 2, descriptors + 2);
            assertThat(more(subject.threads())).as("U3: more threads").isEmpty();
            assertThat(subject.directBytes()).as("U3: direct memory").isLessThan(directBytes + DIRECT_BYTES);
        });
    }

    private List<String> more(List<String> now) {
        List<String> more = new ArrayList<>(now);
        threads.forEach(more::remove);
        // The JVM's own, which come and go.
        more.removeIf(name -> name.equals("process reaper")
                || name.equals("Attach Listener")
                || name.equals("Common-Cleaner")
                || name.startsWith("Keep-Alive"));
        return more;
    }

    /** U4, for every endpoint. */
    private void eachConnectionIsCounted() {
        within(backToBaseline, () -> {
            Map<String, Double> meters = subject.meters();
            Map<String, Double> sums = new HashMap<>();
            meters.forEach((key, value) -> {
                String endpoint = key.substring(key.lastIndexOf(' ') + 1);
                if (key.startsWith("headrace.connections.accepted ")) {
                    sums.merge(endpoint, value, Double::sum);
                } else if (key.startsWith("headrace.connections.active ")
                        || key.startsWith("headrace.connections.closed ")) {
                    sums.merge(endpoint, -value, Double::sum);
                }
            });
            assertThat(sums.values())
                    .as("U4: accepted - active - closed of " + meters)
                    .containsOnly(0.0);
        });
    }

    /** U5. */
    static void logIsQuiet(List<LogLine> log) {
        Map<String, Long> lastMs = new HashMap<>();
        for (LogLine line : log) {
            assertThat(line.level()).as("U5: " + line.message()).isNotEqualTo("ERROR");
            String reason = line.reason();
            if (reason == null || !line.level().equals("WARN")) {
                continue;
            }
            assertThat(line.hidesItsPeer())
                    .as("U5: without the peer's address: " + line.message())
                    .isFalse();
            Long before = lastMs.put(reason, line.atMs());
            assertThat(before == null || line.atMs() - before >= ONE_WARNING_MS)
                    .as("U5: two warnings within 10 s: " + line.message())
                    .isTrue();
            // What the application did wrong comes with its stack; what a peer did never does.
            assertThat(line.stack() && !line.says("fault"))
                    .as("U5: a stack trace: " + line.message())
                    .isFalse();
        }
    }

    /** U5, the count of the rest. How many there were after the last warning is not said yet, so that the warnings count fewer is no fault. */
    static void logCountsNobodyTwice(List<LogLine> log, Map<String, Double> meters) {
        Map<String, Integer> told = new HashMap<>();
        log.stream()
                .filter(line -> meters.containsKey(line.closes()))
                .forEach(line -> told.merge(line.closes(), line.count(), Integer::sum));
        told.forEach((meter, count) -> assertThat((double) count)
                .as("U5: told in the log, of " + meter)
                .isLessThanOrEqualTo(meters.get(meter)));
    }

    /** U6. A socket that is in CLOSE_WAIT now must not be in two seconds. */
    private void nobodyWaitsToBeClosed() {
        Set<Integer> ports = Set.of(subject.port());
        Set<String> first = Proc.closeWait(ports);
        if (!first.isEmpty()) {
            within(CLOSE_WAIT, () -> {
                Set<String> still = new HashSet<>(Proc.closeWait(ports));
                still.retainAll(first);
                assertThat(still).as("U6: in CLOSE_WAIT for more than 2 s").isEmpty();
            });
        }
    }

    /** Until it holds. Looks at least once, and says what the last look found, however late that was: the machine may be busy. */
    private static void within(Duration time, Runnable check) {
        long endNs = System.nanoTime() + time.toNanos();
        while (true) {
            boolean last = System.nanoTime() - endNs >= 0;
            try {
                check.run();
                return;
            } catch (AssertionError notYet) {
                if (last) {
                    throw notYet;
                }
                LockSupport.parkNanos(LOOK_AGAIN_NS);
            }
        }
    }
}
