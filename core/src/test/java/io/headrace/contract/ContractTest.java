package io.headrace.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Clock;
import io.headrace.CloseReason;
import io.headrace.Endpoint;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.ManualClock;
import io.headrace.Meter;
import io.headrace.Outcome;
import io.headrace.Server;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What tests of transports stand on: loops of their own whose clock stands still, a registry, and after each test the check that nothing
 * is left: no thread, no socket, no loop.
 */
public abstract class ContractTest {
    /** Longer than anything takes here; nothing waits for it unless a test fails. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final AtomicInteger TESTS = new AtomicInteger();

    static {
        Awaitility.setDefaultTimeout(PATIENCE);
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(1));
    }

    protected final ManualClock clock = Clock.manual();
    protected final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    /** Two threads, the clock that stands still. */
    protected Loops loops;

    private final String threads = "contract-" + TESTS.incrementAndGet();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private List<String> descriptorsBefore;

    /** The backends that this machine has. */
    public static Stream<Backend> backends() {
        return Arrays.stream(Backend.values()).filter(Backend::available);
    }

    /** What the loops run on. */
    protected abstract Backend backend();

    @BeforeEach
    final void prepareLoops() {
        loops = Loops.of(backend()).threads(2).named(threads).clock(clock);
        descriptorsBefore = Descriptors.open();
    }

    /** Starts a server that is stopped after the test. */
    protected final Server start(Endpoint... endpoints) {
        return closing(Server.of(endpoints)).start();
    }

    /** A server that is stopped after the test. */
    protected final Server closing(Server server) {
        opened.push(() -> server.stop(Duration.ZERO).get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        return server;
    }

    /** Something that is closed after the test, before the servers that started before it. */
    protected final <T extends AutoCloseable> T closing(T part) {
        opened.push(part);
        return part;
    }

    @AfterEach
    final void nothingIsLeft() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        await("no thread left").untilAsserted(() -> assertThat(liveThreads()).isEmpty());
        await("no descriptor left")
                .untilAsserted(() -> assertThat(Descriptors.open()).isEqualTo(descriptorsBefore));
        assertThat(registry.getMeters()).isEmpty();
        afterStop();
    }

    /** What else must hold when everything has stopped. */
    protected void afterStop() {}

    /** The sockets, polls and rings that are open. */
    protected static List<String> descriptors() {
        return Descriptors.open();
    }

    /** The loops' threads that run. */
    protected final List<String> liveThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith(threads + "-"))
                .toList();
    }

    /** The value of a counter or gauge without a tag of its own, over all endpoints. */
    protected final double total(Meter meter) {
        double sum = 0;
        for (FunctionCounter counter : registry.find(meter.id()).functionCounters()) {
            sum += counter.count();
        }
        for (Gauge gauge : registry.find(meter.id()).gauges()) {
            sum += gauge.value();
        }
        return sum;
    }

    /** How many exchanges have ended so. */
    protected final double ended(Outcome outcome) {
        FunctionTimer timer = registry.get(Meter.EXCHANGES.id())
                .tag(Meter.EXCHANGES.tagKey(), outcome.tag())
                .functionTimer();
        return timer.count();
    }

    /** How many connections have closed for this reason. */
    protected final double closed(CloseReason reason) {
        return registry.get(Meter.CONNECTIONS_CLOSED.id())
                .tag(Meter.CONNECTIONS_CLOSED.tagKey(), reason.tag())
                .functionCounter()
                .count();
    }
}
