package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.Loops;
import io.headrace.Server;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Setups are values: what they say, and what they refuse before any socket opens. */
class SetupTest {

    static Stream<UnaryOperator<StreamSetup<TcpOptions, ByteBuf, Object>>> changes() {
        return Stream.of(
                setup -> setup.named("other"),
                setup -> setup.options(options -> options.backlog(7)),
                setup -> setup.with(IdleTimeout.after(Duration.ofSeconds(7))),
                setup -> setup.with(IdleTimeout.off()),
                setup -> setup.with(Stage.netty(Slot.WIRE, "tap", ChannelDuplexHandler::new)),
                setup -> setup.loops(Loops.auto()),
                setup -> setup.bare(),
                setup -> setup.otherwise((message, outcome) -> outcome));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void everyMethodGivesANewValue(UnaryOperator<StreamSetup<TcpOptions, ByteBuf, Object>> change) {
        StreamSetup<TcpOptions, ByteBuf, Object> setup = Tcp.listen(7_000);
        String before = setup.reply(bytes -> bytes).toString();

        StreamSetup<TcpOptions, ByteBuf, Object> changed = change.apply(setup);
        assertThat(changed).isNotSameAs(setup);
        assertThat(setup.reply(bytes -> bytes)).hasToString(before);
    }

    @Test
    void oneSetupServesSeveralEndpoints() {
        var setup = Tcp.listen(0).with(Framing.lines(1_024)).codec(Codec.utf8());
        Endpoint one = setup.named("one").reply(message -> message);
        Endpoint two = setup.named("two").with(IdleTimeout.off()).reply(message -> message);

        assertThat(one.name()).isEqualTo("one");
        assertThat(two.name()).isEqualTo("two");
        assertThat(one.toString()).contains("IdleTimeout");
        assertThat(two.toString()).doesNotContain("IdleTimeout");
    }

    @Test
    void theLineIsPrintedWithItsDefaults() {
        assertThat(Tcp.listen(7_000)
                        .with(Framing.lines(1_024))
                        .codec(Codec.utf8())
                        .reply(message -> message))
                .hasToString(
                        "tcp endpoint 'tcp-7000' on 127.0.0.1:7000: wire > ADMISSION ConnectionLimit by descriptors*"
                                + " > LIVENESS FirstByteTimeout 30s*, IdleTimeout 5m*, FrameTimeout 30s*, WriteTimeout 30s*"
                                + " > FRAMING lines, max 1024 > CODEC utf8 > PRESSURE WriteMarks 32768/65536 cap 1048576*, OutboundBudget shared*"
                                + " > handler   (* by default)");
        assertThat(Tcp.listen(7_000).bare().reply(bytes -> bytes))
                .hasToString("tcp endpoint 'tcp-7000' on 127.0.0.1:7000: wire > CODEC raw > handler   (* by default)");
    }

    @Test
    void whatReplacesADefaultIsNoDefault() {
        assertThat(Tcp.listen(0)
                        .with(IdleTimeout.after(Duration.ofSeconds(60)))
                        .reply(bytes -> bytes)
                        .toString())
                .contains("IdleTimeout 1m >")
                .doesNotContain("IdleTimeout 5m");
    }

    @Test
    void endpointsAreCalledAfterWhereTheyListen() {
        assertThat(Tcp.listen(7_000).reply(bytes -> bytes).name()).isEqualTo("tcp-7000");
        assertThat(Tcp.listen("::1", 7_000).reply(bytes -> bytes).toString()).contains("on [::1]:7000: ");
        assertThat(Tcp.listen(new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.2", 2))
                        .reply(bytes -> bytes)
                        .toString())
                .contains("on 127.0.0.1:1, 127.0.0.2:2: ");
        assertThat(Unix.listen(Path.of("/run/app.sock")).reply(bytes -> bytes).toString())
                .startsWith("unix endpoint 'unix-app.sock' on /run/app.sock: ");
        assertThat(InMemory.listen("app").reply(bytes -> bytes).toString())
                .startsWith("in-memory endpoint 'in-memory-app' on app: ");
    }

    // ---- bad settings

    private static void assertRefused(Endpoint endpoint, String... problems) {
        assertThatThrownBy(() -> Server.start(endpoint))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(problems);
    }

    @Test
    void allBadSettingsOfAnEndpointAreReportedTogether() {
        assertRefused(
                Tcp.listen(" ", 70_000)
                        .named("")
                        .options(options -> options.backlog(0)
                                .receiveBufferBytes(-1)
                                .sendBufferBytes(-1)
                                .connectTimeout(Duration.ZERO))
                        .with(FirstByteTimeout.after(Duration.ZERO))
                        .with(IdleTimeout.after(Duration.ofSeconds(-1)))
                        .with(FrameTimeout.after(Duration.ofDays(40_000)))
                        .with(WriteTimeout.after(null))
                        .with(WriteMarks.of(64, 32).cap(16))
                        .with(Framing.lengthPrefixed(5, 0))
                        .reply(bytes -> bytes),
                "name: ",
                "host:   (expected: not blank)",
                "port: 70000 (expected: 0 to 65535)",
                "backlog: 0 (expected: >= 1)",
                "receiveBufferBytes: -1 (expected: >= 0)",
                "sendBufferBytes: -1 (expected: >= 0)",
                "connectTimeout: PT0S (expected: > 0, at most 100 years)",
                "FirstByteTimeout: PT0S",
                "IdleTimeout: PT-1S",
                "FrameTimeout: PT960000H",
                "WriteTimeout: null",
                "WriteMarks.highBytes: 32 (expected: >= lowBytes 64)",
                "WriteMarks.capBytes: 16 (expected: >= highBytes 32)",
                "framing.maxBytes: 0 (expected: 1 to 1073741824)",
                "framing.prefixBytes: 5 (expected: 1 to 4)");
    }

    @Test
    void otherSocketsHaveTheirOwnBadSettings() {
        assertRefused(
                Unix.listen(Path.of("")).options(options -> options.backlog(-1)).reply(bytes -> bytes),
                "path: '' (expected: 1 to 107 bytes)",
                "backlog: -1 (expected: >= 1)");
        assertRefused(
                InMemory.listen(" ")
                        .options(options -> options.backlog(0).receiveBufferBytes(0))
                        .reply(bytes -> bytes),
                "address:   (expected: not blank)",
                "backlog: 0 (expected: >= 1)",
                "receiveBufferBytes: 0 (expected: >= 1)");
        assertRefused(Tcp.listen().reply(bytes -> bytes), "addresses: [] (expected: at least one)");
    }

    @ParameterizedTest
    @CsvSource({"0, true", "65535, true", "-1, false", "65536, false"})
    void portsHaveALimit(int port, boolean good) {
        assertThat(problems(Framing.lines(), port).contains("port: " + port)).isNotEqualTo(good);
    }

    private static String problems(Framing framing, int port) {
        try {
            Server.start(
                    Tcp.listen(port).named("").with(framing).reply(bytes -> bytes)); // Never starts: it has no name.
            throw new AssertionError("started");
        } catch (IllegalArgumentException refused) {
            return refused.getMessage();
        }
    }

    @Test
    void framingsHaveLimits() {
        for (Framing good : List.of(
                Framing.lines(1),
                Framing.lines(1 << 30),
                Framing.lengthPrefixed(1, 10),
                Framing.lengthPrefixed(4, 10),
                Framing.delimiter(";", 10),
                Framing.delimiter(new byte[16], 10),
                Framing.fixed(1))) {
            assertThat(problems(good, 0)).as("" + good).doesNotContain("framing");
        }
        for (Framing bad : List.of(
                Framing.lines(0),
                Framing.lines(-1),
                Framing.lines((1 << 30) + 1),
                Framing.lengthPrefixed(0, 10),
                Framing.lengthPrefixed(5, 10),
                Framing.delimiter("", 10),
                Framing.delimiter(new byte[17], 10),
                Framing.fixed(0))) {
            assertThat(problems(bad, 0)).as("" + bad).contains("framing.");
        }
    }

    @Test
    void withoutAWordSocketsAreAsTheManualSays() {
        Duration tenSeconds = Duration.ofSeconds(10);
        assertThat(TcpOptions.DEFAULTS).isEqualTo(new TcpOptions(1_024, true, true, true, false, 0, 0, tenSeconds));
        assertThat(UnixOptions.DEFAULTS.backlog()).isEqualTo(1_024);
        assertThat(UnixOptions.DEFAULTS.mode()).isEqualTo("rw-------");
        assertThat(UnixOptions.DEFAULTS.group()).isNull();
        assertThat(UnixOptions.DEFAULTS.connectTimeout()).isEqualTo(tenSeconds);
        assertThat(Framing.lines()).hasToString("lines, max 65536");
        assertThat(MinimumRate.of(240).grace()).isEqualTo(Duration.ofSeconds(5));
        assertThat(MaxAge.of(tenSeconds).jitter()).isEqualTo(0.1);
    }

    @Test
    void aStageStandsOnce() {
        assertRefused(
                Tcp.listen(0)
                        .with(IdleTimeout.after(Duration.ofSeconds(1)))
                        .with(IdleTimeout.after(Duration.ofSeconds(2)))
                        .reply(bytes -> bytes),
                "IdleTimeout 2s");
    }

    @Test
    void aHostThatDoesNotResolveIsSaidInOneLine() {
        assertThatThrownBy(() -> Server.start(
                        Tcp.listen("no-such-host.invalid", 0).named("nowhere").reply(bytes -> bytes)))
                .isInstanceOf(io.headrace.CannotStartException.class)
                .hasMessageStartingWith("cannot start tcp endpoint 'nowhere' on no-such-host.invalid:0: ");
    }
}
