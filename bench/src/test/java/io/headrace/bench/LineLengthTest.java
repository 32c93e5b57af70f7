package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.ChannelStage;
import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.stage.Metrics;
import io.headrace.tcp.Framing;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.Tcp;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Which Netty handlers stand on the line of each connection, with all defaults and meters: every byte passes all of them. If one more is
 * meant, it is written here, so that it does not come silently.
 */
class LineLengthTest {
    private static final List<String> ECHO = List.of("headrace");
    private static final List<String> TEXT_LINES = List.of("headrace-sent", "headrace-framing", "headrace");

    private final BlockingQueue<DuplexChannel> channels = new LinkedBlockingQueue<>();

    /** Adds nothing, and remembers the channel. */
    private record Probe(Object kind, BlockingQueue<DuplexChannel> channels) implements ChannelStage<DuplexChannel> {
        @Override
        public Slot slot() {
            return Slot.WIRE;
        }

        @Override
        public PerLoop<DuplexChannel> open(Site site) {
            return loop -> ChannelStage.late((channel, line) -> channels.add(channel));
        }
    }

    private StreamSetup<?, ByteBuf, Object> setup(Backend backend) {
        return Tcp.listen(0)
                .loops(Loops.of(backend).threads(1))
                .with(Metrics.to(new SimpleMeterRegistry()))
                .with(new Probe("probe", channels));
    }

    private List<String> lineOf(Endpoint endpoint) throws Exception {
        try (Server server = endpoint.start();
                EchoClient client = EchoClient.tcp(server.port(), 64)) {
            assertThat(client).isNotNull();
            DuplexChannel channel = channels.poll(10, TimeUnit.SECONDS);
            assertThat(channel).isNotNull();
            await().until(channel::isActive);
            List<String> names = new ArrayList<>(channel.pipeline().names());
            names.remove(names.size() - 1); // Netty's own end of every pipeline.
            return names;
        }
    }

    private static void requires(Backend backend) {
        assumeTrue(backend.available(), backend + " is not available here");
    }

    @ParameterizedTest
    @EnumSource
    void echoHasOneHandler(Backend backend) throws Exception {
        requires(backend);
        assertThat(lineOf(setup(backend).reply(bytes -> bytes))).isEqualTo(ECHO);
    }

    @ParameterizedTest
    @EnumSource
    void textLinesHaveThree(Backend backend) throws Exception {
        requires(backend);
        assertThat(lineOf(setup(backend)
                        .with(Framing.lines(1_024))
                        .codec(Codec.utf8())
                        .reply(name -> "Hello, " + name)))
                .isEqualTo(TEXT_LINES);
    }

    /** On epoll not even a pipeline: it is sent through the accepted socket before there is a channel. */
    @Test
    void aGreetingHasNone() throws IOException {
        requires(Backend.EPOLL);
        try (Server server = setup(Backend.EPOLL)
                .onConnect(connection -> connection.sendAndClose("Thank you for connecting"))
                .start()) {
            GreetClient client = new GreetClient(server.port());
            for (int i = 0; i < 10; i++) {
                assertThat(client.greeting()).isEqualTo(24);
            }

            assertThat(channels).isEmpty();
        }
    }
}
