package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.reflect.Proxy;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The universal check finds what it is there to find. */
class UniversalTest {
    /** How long a planted fault is waited for to pass. */
    private static final Duration SOON = Duration.ofMillis(300);

    private static final Serving QUIET = ground -> ground.lines().reply(line -> line);

    /** What a case does between the baseline and the check. */
    private interface Fault {
        void on(LocalServer server, Bystanders bystanders) throws Exception;
    }

    private static void check(Serving serving, Fault fault) throws Exception {
        try (LocalServer server = LocalServer.start(serving, Case.backend());
                Bystanders bystanders = Bystanders.of(server.port("bystanders"), server.loopWaits())) {
            bystanders.awaitEveryone();
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

    /** Without bystanders. What the check sees instead of the server is {@code seen}'s to say. */
    private static void checkAlone(Serving serving, Fault fault, UnaryOperator<Subject> seen) throws Exception {
        try (LocalServer server = LocalServer.start(serving, Case.backend())) {
            Universal universal = new Universal(seen.apply(server), null, SOON);
            fault.on(server, null);
            universal.check(2);
        }
    }

    @Test
    void aServerThatHasStoppedIsSeen() {
        assertThatThrownBy(() -> checkAlone(QUIET, (server, nobody) -> server.stop(), server -> server))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("U1: alive");
    }

    @Test
    void aConnectionThatIsLeftOpenIsSeen() {
        List<Peer> left = new ArrayList<>();
        Fault staying = (server, nobody) -> {
            left.add(Peer.to(server.port()));
            left.get(0).say("still here\n").line();
        };
        assertThatThrownBy(() -> checkAlone(QUIET, staying, server -> server))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("U3: active connections");
        left.forEach(Peer::close);
    }

    /** Keeps a loop busy, four times 900 ms: whoever asks it thrice waits nearly so long each time. */
    private static final class Busy extends ChannelInboundHandlerAdapter {
        private final CountDownLatch begun;

        Busy(CountDownLatch begun) {
            this.begun = begun;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            block(ctx, 4);
        }

        private void block(ChannelHandlerContext ctx, int times) {
            ctx.channel().eventLoop().execute(() -> {
                begun.countDown();
                Blocking.forMs(900);
                if (times > 1) {
                    block(ctx, times - 1);
                }
            });
        }
    }

    @Test
    void aLoopOfTheRowsOwnThatDoesNotAnswerIsSeen() {
        CountDownLatch begun = new CountDownLatch(1);
        Serving busy = ground -> ground.lines()
                .loops(ground.otherLoops())
                .with(Stage.netty(Slot.WIRE, "busy", () -> new Busy(begun)))
                .reply(line -> line);
        Fault once = (server, nobody) -> {
            Peer.to(server.port()).close();
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        };
        assertThatThrownBy(() -> checkAlone(busy, once, server -> server))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("U1: every loop answers");
    }

    @Test
    void socketsThatAreLeftOpenAreSeen() throws Exception {
        List<DatagramSocket> left = new ArrayList<>();
        assertThatThrownBy(() -> checkAlone(
                        QUIET,
                        (server, nobody) -> {
                            for (int i = 0; i < 3; i++) {
                                left.add(new DatagramSocket());
                            }
                        },
                        server -> server))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("U3: descriptors");
        left.forEach(DatagramSocket::close);
    }

    @Test
    void aThreadThatIsLeftIsSeen() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        assertThatThrownBy(() -> checkAlone(
                        QUIET,
                        (server, nobody) -> new Thread(
                                        () -> awaitQuietly(over),
                                        server.threads().get(0))
                                .start(),
                        server -> server))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("U3: more threads");
        over.countDown();
    }

    private static void awaitQuietly(CountDownLatch over) {
        try {
            over.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void directMemoryThatIsKeptIsSeen() throws Exception {
        List<ByteBuffer> kept = new ArrayList<>();
        assertThatThrownBy(() -> checkAlone(
                        QUIET, (server, nobody) -> kept.add(ByteBuffer.allocateDirect(40 << 20)), server -> server))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("U3: direct memory");
        assertThat(kept).hasSize(1); // Until here.
    }

    /** The server with another answer to one question. */
    private static UnaryOperator<Subject> but(String question, Object answer) {
        return server -> (Subject) Proxy.newProxyInstance(
                Subject.class.getClassLoader(),
                new Class<?>[] {Subject.class},
                (proxy, method, arguments) -> method.getName().equals(question) && arguments == null
                        ? answer
                        : method.invoke(server, arguments));
    }

    @Test
    void aConnectionThatWasNotCountedIsSeen() {
        Map<String, Double> lost = Map.of(
                "headrace.connections.accepted row", 3.0,
                "headrace.connections.closed peer_finished row", 2.0,
                "headrace.connections.active row", 0.0);
        assertThatThrownBy(() -> checkAlone(QUIET, (server, nobody) -> {}, but("meters", lost)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("U4: accepted - active - closed");
    }

    @Test
    void aSocketThatNobodyClosesAfterItsPeerIsSeen() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Peer peer = Peer.to(listener.getLocalPort());
                Socket forgotten = listener.accept()) {
            assertThatThrownBy(() ->
                            checkAlone(QUIET, (server, nobody) -> peer.finish(), but("port", forgotten.getLocalPort())))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("U6: in CLOSE_WAIT");
        }
    }

    private static LogLine warning(long atMs, String text, boolean stack) {
        return new LogLine(atMs, "WARN", "tcp endpoint 'row' on 127.0.0.1:0: " + text, stack);
    }

    @Test
    void aSecondWarningOfOneReasonIsSeen() {
        List<LogLine> apart = List.of(
                warning(0, "idle_timeout: 127.0.0.1:1 #1: x", false),
                warning(10_001, "idle_timeout: 127.0.0.1:2 #2: y", false));
        Universal.logIsQuiet(apart);
        List<LogLine> close = List.of(
                warning(0, "idle_timeout: 127.0.0.1:1 #1: x", false),
                warning(9_000, "idle_timeout: 127.0.0.1:2 #2: y", false));
        assertThatThrownBy(() -> Universal.logIsQuiet(close)).hasMessageContaining("U5: two warnings");
    }

    @Test
    void aStackTraceForWhatAPeerDidIsSeen() {
        Universal.logIsQuiet(List.of(warning(0, "fault: while serving", true)));
        assertThatThrownBy(() -> Universal.logIsQuiet(List.of(warning(0, "frame_too_large: 127.0.0.1:1 #1: x", true))))
                .hasMessageContaining("U5: a stack trace");
    }

    @Test
    void aWarningThatHidesItsPeerIsSeen() {
        Universal.logIsQuiet(List.of(
                warning(0, "frame_too_large: 127.0.0.1:4711 #3: longer than 64", false),
                warning(0, "limit: [::1]:4711 may not come in: as many as are allowed", false),
                warning(0, "accept emfile: Too many open files; the listener tries again", false)));
        assertThatThrownBy(() -> Universal.logIsQuiet(List.of(warning(0, "frame_too_large: longer than 64", false))))
                .hasMessageContaining("U5: without the peer's address");
    }

    @Test
    void aWarningThatCountsMoreThanThereWereIsSeen() {
        Map<String, Double> closed = Map.of("headrace.connections.closed too_slow row", 5.0);
        List<LogLine> right = List.of(
                warning(0, "too_slow: 127.0.0.1:1 #1: x", false),
                warning(10_001, "too_slow: 127.0.0.1:2 #5: x (and 3 more since the last such line)", false));
        Universal.logCountsNobodyTwice(right, closed);
        List<LogLine> wrong = new ArrayList<>(right);
        wrong.add(warning(20_002, "too_slow: 127.0.0.1:3 #6: x", false));
        assertThatThrownBy(() -> Universal.logCountsNobodyTwice(wrong, closed))
                .hasMessageContaining("U5: told in the log");
    }
}
