package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.ChannelStage;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Loops.Backend;
import io.headrace.Progress;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.contract.ContractTest;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the clocks of streams see of a connection: whole seconds, because it is stamped by the sweep. */
class ProgressTest extends ContractTest {
    private final Seen seen = new Seen();
    private final long startNs = clock.nanoTime();

    @Override
    protected Backend backend() {
        return Backend.NIO;
    }

    /** Keeps what the last sweep has seen. */
    private static final class Seen implements ChannelStage<DuplexChannel> {
        private volatile long received;
        private volatile long sent;
        private volatile long openedNs;
        private volatile long lastReceivedNs;
        private volatile long lastSentNs;
        private volatile long stalledSinceNs;
        private volatile long frameSinceNs;

        @Override
        public Slot slot() {
            return Slot.LIVENESS;
        }

        @Override
        public PerLoop<DuplexChannel> open(Site site) {
            return loop -> {
                loop.sweep(Duration.ofSeconds(1), (connection, progress, nowNs) -> keep(progress));
                return ChannelStage.nothing();
            };
        }

        private void keep(Progress progress) {
            received = progress.receivedBytes();
            sent = progress.sentBytes();
            openedNs = progress.openedNs();
            lastReceivedNs = progress.lastReceivedNs();
            lastSentNs = progress.lastSentNs();
            stalledSinceNs = progress.stalledSinceNs();
            frameSinceNs = progress.frameSinceNs();
        }
    }

    private long second(long number) {
        return startNs + TimeUnit.SECONDS.toNanos(number);
    }

    private void pass(int seconds) {
        clock.advance(Duration.ofSeconds(seconds));
    }

    private Connection<String> serve(CompletableFuture<Connection<String>> opened) throws Exception {
        return opened.get(10, TimeUnit.SECONDS);
    }

    private Server start(CompletableFuture<Connection<String>> opened) {
        return start(Medium.setup(Medium.IN_MEMORY.listening())
                .loops(loops)
                .bare()
                .with(seen)
                .with(Framing.lines(1 << 20))
                .codec(Codec.utf8())
                .sessions(connection -> {
                    opened.complete(connection);
                    return message -> connection.send(message);
                }));
    }

    @Test
    void bytesAreStampedByTheSweepThatSeesThem() throws Exception {
        CompletableFuture<Connection<String>> opened = new CompletableFuture<>();
        Server server = start(opened);
        StreamPeer peer = closing(Medium.IN_MEMORY.dial(server.address()));
        serve(opened);

        pass(2);
        assertThat(seen.openedNs).isEqualTo(startNs);
        assertThat(seen.lastReceivedNs).isEqualTo(startNs);
        assertThat(seen.lastSentNs).isEqualTo(startNs);
        assertThat(seen.received).isZero();
        peer.say("hello");
        assertThat(peer.hear()).isEqualTo("hello");
        pass(3);
        assertThat(seen.received).isEqualTo(6);
        assertThat(seen.sent).isEqualTo(6);
        assertThat(seen.lastReceivedNs).isEqualTo(second(3));
        assertThat(seen.lastSentNs).isEqualTo(second(3));
        assertThat(seen.stalledSinceNs).isZero();
    }

    @Test
    void aStallBeginsWhenItIsSeenAndEndsWithProgress() throws Exception {
        CompletableFuture<Connection<String>> opened = new CompletableFuture<>();
        Server server = start(opened);
        StreamPeer peer = closing(Medium.IN_MEMORY.dial(server.address()));
        String message = "x".repeat(200_000);

        serve(opened).send(message);
        await().until(() -> {
            pass(1);
            return seen.sent == 64 * 1_024; // What the peer's side holds unread.
        });
        long sinceNs = seen.stalledSinceNs;
        assertThat(sinceNs).isGreaterThan(startNs);
        pass(4);
        assertThat(seen.stalledSinceNs).isEqualTo(sinceNs);

        peer.receive(10_000);
        await().until(() -> {
            pass(1);
            return seen.stalledSinceNs > sinceNs;
        });
        assertThat(seen.sent).isGreaterThan(64 * 1_024);
        for (int received = 10_000; received < message.length() + 1; ) {
            received += peer.receive(100_000).length;
        }
        await().until(() -> {
            pass(1);
            return seen.stalledSinceNs == 0;
        });
        assertThat(seen.sent).isEqualTo(message.length() + 1);
    }

    @Test
    void aFrameIsOpenFromTheSweepThatSeesItUntilItIsWhole() throws Exception {
        CompletableFuture<Connection<String>> opened = new CompletableFuture<>();
        Server server = start(opened);
        StreamPeer peer = closing(Medium.IN_MEMORY.dial(server.address()));
        serve(opened);

        peer.send("one\ntw");
        assertThat(peer.hear()).isEqualTo("one");
        pass(1);
        assertThat(seen.frameSinceNs).isEqualTo(second(1));
        peer.send("o");
        await().until(() -> {
            pass(1);
            return seen.received == 7;
        });
        assertThat(seen.frameSinceNs).isEqualTo(second(1)); // It is still the same frame.
        peer.send("\nthr");
        assertThat(peer.hear()).isEqualTo("two");
        pass(1);
        assertThat(seen.frameSinceNs).isGreaterThan(second(1)); // And this is another.
        peer.send("ee\n");
        assertThat(peer.hear()).isEqualTo("three");
        pass(1);
        assertThat(seen.frameSinceNs).isZero();
    }
}
