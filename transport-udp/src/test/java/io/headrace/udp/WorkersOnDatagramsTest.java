package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Clock;
import io.headrace.Codec;
import io.headrace.Loops.Backend;
import io.headrace.ManualClock;
import io.headrace.Meter;
import io.headrace.Outcome;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.TestGate;
import io.headrace.Workers;
import io.headrace.stage.Deadline;
import io.headrace.stage.InFlightLimit;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** Workers, limits and deadlines where messages are datagrams. */
class WorkersOnDatagramsTest {
    private final TestGate gate = new TestGate();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ManualClock clock = Clock.manual();

    @AfterEach
    void openTheGate() {
        gate.open();
    }

    private UdpSetup<String, String> text(Backend backend) {
        return Udp.listen(0)
                .loops(On.loops(backend).clock(clock))
                .with(Metrics.to(registry))
                .codec(Codec.utf8());
    }

    private String slowly(String text) {
        seen.add(text);
        if (text.startsWith("slow")) {
            try {
                gate.await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
        return text;
    }

    private double ended(Outcome outcome) {
        return registry.get(Meter.EXCHANGES.id())
                .tag(Meter.EXCHANGES.tagKey(), outcome.tag())
                .functionTimer()
                .count();
    }

    @OnEachBackend
    void answersLeaveAsTheyEnd(Backend backend) throws Exception {
        try (Server server = text(backend)
                        .with(Workers.perMessage())
                        .reply(this::slowly)
                        .start();
                Caller caller = Caller.of(server)) {
            caller.send("slow").send("quick");
            assertThat(caller.receive()).isEqualTo("quick");
            gate.open();
            assertThat(caller.receive()).isEqualTo("slow");
        }
    }

    @OnEachBackend
    void datagramsOfOnePeerAreHandledInOrder(Backend backend) throws Exception {
        try (Server server = text(backend)
                        .with(Workers.perConnection())
                        .reply(this::slowly)
                        .start();
                Caller one = Caller.of(server);
                Caller other = Caller.of(server)) {
            one.send("slow");
            await().until(() -> seen.contains("slow")); // on a worker of its own, which may be slower than the other's
            for (int i = 0; i < 50; i++) {
                one.send("behind " + i);
            }
            assertThat(other.ask("quick")).isEqualTo("quick");
            assertThat(seen).containsExactly("slow", "quick");
            gate.open();
            assertThat(one.receive()).isEqualTo("slow");
            for (int i = 0; i < 50; i++) {
                assertThat(one.receive()).isEqualTo("behind " + i);
            }
        }
    }

    @OnEachBackend
    void bytesGoThroughWorkersAndBack(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .with(Workers.perConnection())
                        .reply(bytes -> bytes)
                        .start();
                Caller caller = Caller.of(server)) {
            for (String text : IntStream.range(0, 100).mapToObj(i -> "m" + i).toList()) {
                caller.send(text);
            }
            for (int i = 0; i < 100; i++) {
                assertThat(caller.receive()).isEqualTo("m" + i);
            }
        }
    }

    @OnEachBackend
    void aBufferThatCameInMayBeSentFromAWorker(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .with(Workers.perMessage())
                        .handle((bytes, exchange) -> {
                            exchange.consume();
                            exchange.peer().send(bytes);
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("Ada")).isEqualTo("Ada");
            assertThat(caller.ask("Bob")).isEqualTo("Bob");
        }
    }

    @OnEachBackend
    void whatIsRefusedIsSilentAndCounted(Backend backend) throws Exception {
        try (Server server = text(backend)
                        .with(InFlightLimit.of(10).perConnection(1))
                        .with(Workers.perMessage())
                        .reply(this::slowly)
                        .start();
                Caller greedy = Caller.of(server);
                Caller modest = Caller.of(server)) {
            greedy.send("slow").send("over").send("over");
            await().untilAsserted(() -> assertThat(ended(Outcome.REFUSED)).isEqualTo(2));
            assertThat(modest.ask("quick")).isEqualTo("quick");
            gate.open();
            assertThat(greedy.receive()).isEqualTo("slow");
            assertThat(greedy.heardNothing()).isTrue();
            await().untilAsserted(() -> assertThat(ended(Outcome.REPLIED)).isEqualTo(2));
            assertThat(greedy.ask("next")).isEqualTo("next");
        }
    }

    @OnEachBackend
    void whatExpiresIsSilentAndCounted(Backend backend) throws Exception {
        try (Server server = text(backend)
                        .with(Deadline.of(Duration.ofSeconds(2)))
                        .with(InFlightLimit.of(1))
                        .with(Workers.perMessage())
                        .reply(this::slowly)
                        .start();
                Caller caller = Caller.of(server)) {
            caller.send("slow");
            await().until(() -> seen.contains("slow"));
            clock.advance(Duration.ofSeconds(3));
            await().untilAsserted(() -> assertThat(ended(Outcome.EXPIRED)).isEqualTo(1));
            assertThat(caller.ask("next")).isEqualTo("next");
            gate.open();
            assertThat(caller.ask("last")).isEqualTo("last");
            assertThat(caller.heardNothing()).isTrue();
        }
    }

    @OnEachBackend
    void sessionsRunOnWorkers(Backend backend) throws Exception {
        List<String> threads = new CopyOnWriteArrayList<>();
        try (Server server = text(backend)
                        .named("gateway")
                        .with(Workers.perConnection())
                        .sessions(me -> new Session<String>() {
                            private int count;

                            @Override
                            public void received(String message) {
                                threads.add(Thread.currentThread().getName());
                                me.send(message + " " + ++count);
                            }
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("m")).isEqualTo("m 1");
            assertThat(caller.ask("m")).isEqualTo("m 2");
            assertThat(threads).allMatch(name -> name.startsWith("gateway-worker"));
        }
    }
}
