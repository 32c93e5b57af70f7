package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Workers;
import io.headrace.stage.InFlightLimit;
import io.headrace.tcp.MemoryPressure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** H8 and H9: more is asked than there is memory for, or time. */
class OverloadTest extends Case {
    /** Direct memory: so much that what the pool keeps for two loops is little of it. */
    private static final String[] MEMORY = {"-Dio.netty.maxDirectMemory=" + (512 << 20), "-XX:MaxDirectMemorySize=640m"
    };

    private static final Pattern LEVEL = Pattern.compile("direct memory: .*: (\\w+) after \\w+");

    private static final int IDLE_MS = 12_000;
    private static final int AT_ONCE = 16;
    private static final int WORK_MS = 4;

    /** When the level changed, and to what, as the log tells. */
    private record Change(long atMs, MemoryPressure.Level to) {
        static List<Change> of(Subject server) {
            List<Change> changes = new ArrayList<>();
            for (LogLine line : server.log()) {
                Matcher level = LEVEL.matcher(line.message());
                if (level.find()) {
                    changes.add(new Change(line.atMs(), MemoryPressure.Level.valueOf(level.group(1))));
                }
            }
            return changes;
        }
    }

    private static void awaitLevel(Subject server, MemoryPressure.Level level) {
        await().untilAsserted(() ->
                assertThat(server.meter("headrace.memory.pressure")).isEqualTo(level.ordinal()));
    }

    @Row("H8")
    @Test
    void itGivesWayStepByStepAndComesBack() throws Exception {
        ChildServer server =
                child(ChildServer.Setup.of(Servers.PRESSED).flags(MEMORY[0], MEMORY[1], "-Dtorture.idle=" + IDLE_MS));
        Crowd idle = closing(Crowd.of(server.port(), 20));
        idle.say("hello\n");
        idle.lines(1);
        server.hold(83);
        List<Double> ages = idle.agesMsWhenClosed();
        assertThat(ages).as("clocks run faster").allMatch(age -> age < 0.8 * IDLE_MS);
        await().untilAsserted(() -> assertThat(server.closed("idle_timeout")).isEqualTo(20));

        closing(Peer.small(server.port(), 4_096)).say("much\n"); // And reads none of it.
        await().untilAsserted(() ->
                assertThat(server.meter("headrace.outbound.pending")).isGreaterThan(1 << 20));
        server.hold(96);
        await().untilAsserted(() -> assertThat(server.closed("memory_pressure")).isEqualTo(1));

        server.hold(88); // Five points lower than where it became scarce, it would not be any more.
        awaitLevel(server, MemoryPressure.Level.SCARCE);
        double accepted = server.accepted();
        Crowd late = closing(Crowd.of(server.port(), 5));
        late.say("let me in\n");
        late.listen(Duration.ofMillis(500));
        assertThat(server.accepted()).as("nobody is let in").isEqualTo(accepted);
        assertThat(late.closed()).as("but they may wait").isZero();

        server.hold(20);
        late.lines(1); // Who waited is served.
        awaitLevel(server, MemoryPressure.Level.RELAXED);
        server.hold(0);
    }

    @Row("H8")
    @Test
    void itDoesNotFlap() throws Exception {
        ChildServer server = child(
                ChildServer.Setup.of(Servers.PRESSED).flags(MEMORY[0], MEMORY[1], "-Dtorture.idle=" + 10 * IDLE_MS));
        server.hold(82);
        awaitLevel(server, MemoryPressure.Level.SHORT);
        int before = Change.of(server).size();
        for (int i = 0; i < 15; i++) { // Around the bound, within five points: nothing changes.
            server.hold(i % 2 == 0 ? 77 : 83);
            bystandersTalk(100);
        }
        assertThat(Change.of(server)).hasSize(before);
        for (int i = 0; i < 30; i++) { // Far to both sides: it may change, once a second.
            server.hold(i % 2 == 0 ? 60 : 85);
            bystandersTalk(100);
        }
        List<Change> changes = Change.of(server);
        for (int i = 1; i < changes.size(); i++) {
            assertThat(changes.get(i).atMs() - changes.get(i - 1).atMs()).isGreaterThanOrEqualTo(950);
        }
        server.hold(0);
        awaitLevel(server, MemoryPressure.Level.RELAXED);
    }

    @Row("H9")
    @Test
    void atTwiceItsPeakItStillDoesMostOfIt() throws Exception {
        twiceThePeak(Duration.ofSeconds(3));
    }

    @Row("H9")
    @Tag("slow")
    @Test
    @Timeout(180)
    void halfAMinuteAtTwiceItsPeak() throws Exception {
        twiceThePeak(Duration.ofSeconds(30));
    }

    /** The work is waiting, not computing: its peak does not depend on what else the machine does. */
    private void twiceThePeak(Duration time) throws Exception {
        bystandersMaySlowDown(5);
        LocalServer server = serve(ground -> ground.lines()
                .with(InFlightLimit.of(AT_ONCE))
                .with(Workers.perMessage().atMost(AT_ONCE / 4))
                .otherwise((line, outcome) -> "busy")
                .reply(line -> {
                    Blocking.forMs(WORK_MS);
                    return "done";
                }));
        inOneOfThree(() -> {
            try (Pace pace = Pace.of(server.port(), 200)) {
                Pace.Heard peak = pace.asAnswered(AT_ONCE, Duration.ofSeconds(2));
                assertThat(peak.count("busy")).isZero();
                Pace.Heard twice = pace.at(2 * peak.perSecond("done"), time);
                assertThat(twice.count("busy")).as("refused").isPositive();
                assertThat(twice.perSecond("done"))
                        .as("goodput, of %s", peak)
                        .isGreaterThanOrEqualTo(0.7 * peak.perSecond("done"));
                assertThat(twice.p99Ns("done")).as("p99 of the admitted").isLessThanOrEqualTo(3 * peak.p99Ns("done"));
                assertThat(twice.medianNs("busy")).as("refused quickly").isLessThan(peak.medianNs("done"));
            }
        });
    }
}
