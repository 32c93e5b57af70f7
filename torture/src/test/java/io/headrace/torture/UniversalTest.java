package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The universal check finds what it is there to find. */
class UniversalTest {
    private static final Serving QUIET = ground -> ground.lines().reply(line -> line);

    /** What a case does between the baseline and the check. */
    private interface Fault {
        void on(LocalServer server, Bystanders bystanders) throws Exception;
    }

    private static void check(Serving serving, Fault fault) throws Exception {
        try (LocalServer server = LocalServer.start(serving, Case.backend());
                Bystanders bystanders = Bystanders.of(server.port("bystanders"), server.loopWaits())) {
            bystanders.measure(500);
            Universal universal = new Universal(server, bystanders, Duration.ofSeconds(1));
            fault.on(server, bystanders);
            universal.check(2);
        }
    }

    @Test
    void aServerThatIsLeftAlonePasses() throws Exception {
        check(QUIET, (server, bystanders) -> {});
    }

    @Test
    void aLoopThatIsBlockedNowAndThenIsSeenByBystanders() {
        Serving blocking = ground -> ground.lines().reply(line -> {
            Blocking.forMs(700);
            return line;
        });
        assertThatThrownBy(() -> check(blocking, (server, bystanders) -> {
                    try (Peer peer = Peer.to(server.port())) {
                        peer.say("a\nb\n");
                        peer.line();
                        peer.line();
                    }
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("U2: p99");
    }

    @Test
    void aConnectionThatIsLeftOpenIsSeen() {
        List<Peer> left = new ArrayList<>();
        assertThatThrownBy(() -> check(QUIET, (server, bystanders) -> {
                    left.add(Peer.to(server.port()));
                    left.get(0).say("still here\n").line();
                }))
                .hasStackTraceContaining("U3: active connections");
        left.forEach(Peer::close);
    }

    @Test
    void aServerThatHasStoppedIsSeen() {
        assertThatThrownBy(() -> check(QUIET, (server, bystanders) -> server.stop()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("U1: alive");
    }

    private static LogLine warning(long atMs, String text, boolean stack) {
        return new LogLine(atMs, "WARN", "tcp endpoint 'row' on 127.0.0.1:0: " + text, stack);
    }

    @Test
    void aSecondWarningOfOneReasonIsSeen() {
        List<LogLine> apart = List.of(warning(0, "idle_timeout: x", false), warning(10_001, "idle_timeout: y", false));
        Universal.logIsQuiet(apart);
        List<LogLine> close = List.of(warning(0, "idle_timeout: x", false), warning(9_000, "idle_timeout: y", false));
        assertThatThrownBy(() -> Universal.logIsQuiet(close)).hasMessageContaining("U5: two warnings");
    }

    @Test
    void aStackTraceForWhatAPeerDidIsSeen() {
        Universal.logIsQuiet(List.of(warning(0, "fault: while serving", true)));
        assertThatThrownBy(() -> Universal.logIsQuiet(List.of(warning(0, "frame_too_large: x", true))))
                .hasMessageContaining("U5: a stack trace");
    }
}
