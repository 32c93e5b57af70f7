package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Loops.Backend;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What rows of the torture list stand on: a server under test, bystanders, and the universal check after each.
 *
 * <p>{@link #serve} runs it in this JVM, {@link #child} in one of its own, which the case may stop, starve or kill.
 */
@DisplayNameGeneration(RowNames.class)
abstract class Case {
    /** Answers of bystanders before a case begins: 0.3 s of them. */
    private static final int BEFORE = 15 * Bystanders.CONNECTIONS;

    static {
        Awaitility.setDefaultTimeout(java.time.Duration.ofSeconds(10));
        Awaitility.setDefaultPollDelay(java.time.Duration.ZERO);
        Awaitility.setDefaultPollInterval(java.time.Duration.ofMillis(5));
    }

    private final Deque<AutoCloseable> peers = new ArrayDeque<>();
    private Subject subject;
    private Bystanders bystanders;
    private Universal universal;
    private double slower = 2;
    private boolean gone;

    @RegisterExtension
    final AfterEachCallback universalCheck =
            context -> end(context.getExecutionException().isPresent());

    /** The backends that this machine has, for rows marked T. */
    static Stream<Backend> backends() {
        return Arrays.stream(Backend.values()).filter(Backend::available);
    }

    /** What rows without a T run on. */
    static Backend backend() {
        return Backend.EPOLL.available() ? Backend.EPOLL : Backend.NIO;
    }

    LocalServer serve(Serving serving) throws Exception {
        return serve(backend(), serving);
    }

    LocalServer serve(Backend backend, Serving serving) throws Exception {
        return begin(LocalServer.start(serving, backend), true);
    }

    ChildServer child(Servers servers) throws Exception {
        return child(ChildServer.Setup.of(servers));
    }

    ChildServer child(ChildServer.Setup setup) throws Exception {
        return begin(setup.start(), !setup.ownNetwork());
    }

    /** A server that has no bystanders. */
    ChildServer childAlone(ChildServer.Setup setup) throws Exception {
        return begin(setup.start(), false);
    }

    private <S extends Subject> S begin(S server, boolean reachable) throws Exception {
        subject = server;
        if (reachable) {
            bystanders = Bystanders.of(server.port("bystanders"), server.loopWaits());
            bystanders.awaitEveryone();
            bystanders.measure(BEFORE);
        }
        universal = new Universal(server, bystanders, Universal.BACK_TO_BASELINE);
        return server;
    }

    /** R of the universal check; 2 where a row says nothing. */
    void bystandersMaySlowDown(double times) {
        slower = times;
    }

    /** The case stops the whole process for a while: only errors of bystanders count, not how long they waited. */
    void bystandersMayWait() {
        slower = Double.MAX_VALUE;
    }

    /** Waits until the bystanders have had so many answers: half a thousand in half a second. */
    void bystandersTalk(int answers) throws InterruptedException {
        bystanders.measure(answers);
    }

    /** How slow this makes bystanders, in words: their p99, that before, and that of the control, which nobody attacks. */
    String slowness(ThrowingRunnable attack) throws Exception {
        bystanders.cut();
        bystanders.measure(BEFORE);
        long beforeNs = bystanders.cut()[0].p99Ns();
        attack.run();
        bystanders.measure(BEFORE);
        Latencies[] during = bystanders.cut();
        return String.format(
                Locale.ROOT,
                "p99 of bystanders %.1f ms (before: %.1f ms; control: %.1f ms)",
                during[0].p99Ns() / 1e6,
                beforeNs / 1e6,
                during[1].p99Ns() / 1e6);
    }

    /** The share of a processor that the loops use while the bystanders talk for half a second, and more where they had to wait before. */
    double loopUse(Subject server) throws Exception {
        long cpuNs = server.loopCpuNs();
        long startNs = System.nanoTime();
        do {
            bystandersTalk(100);
        } while (System.nanoTime() - startNs < 500_000_000);
        return (double) (server.loopCpuNs() - cpuNs) / (System.nanoTime() - startNs);
    }

    interface ThrowingRunnable {
        void run() throws Exception;
    }

    /** What compares times: a busy machine breaks it now and then, a server that is broken every time. */
    static void inOneOfThree(ThrowingRunnable attempt) throws Exception {
        for (int i = 1; ; i++) {
            try {
                attempt.run();
                return;
            } catch (AssertionError | ConditionTimeoutException missed) {
                if (i == 3) {
                    throw missed;
                }
            }
        }
    }

    /** The case kills it: what is left to check is its log. Bystanders go first. */
    void endsHere() throws Exception {
        if (bystanders != null) {
            assertThat(bystanders.errorsAtTheEnd()).as("errors of bystanders").isEmpty();
            bystanders.close();
            bystanders = null;
        }
        gone = true;
    }

    /** Closed when the case is over, before the universal check. */
    <T extends AutoCloseable> T closing(T peer) {
        peers.push(peer);
        return peer;
    }

    /** Everyone who was given to {@link #closing} leaves now. */
    void everybodyLeaves() throws Exception {
        while (!peers.isEmpty()) {
            peers.pop().close();
        }
    }

    Peer dial(Subject server) throws IOException {
        return closing(Peer.to(server.port()));
    }

    private void end(boolean failed) throws Exception {
        try {
            everybodyLeaves();
            if (subject != null && !failed) {
                check();
            }
        } finally {
            if (bystanders != null) {
                bystanders.close();
            }
            if (subject != null) {
                subject.close();
            }
        }
    }

    private void check() throws Exception {
        if (gone) {
            Universal.logIsQuiet(subject.log());
            return;
        }
        universal.check(slower);
        if (bystanders != null) {
            bystanders.close();
        }
        assertThat(subject.stop()).as("left when stopped").isEmpty();
    }
}
