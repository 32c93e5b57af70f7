package io.headrace.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.netty.buffer.ByteBuf;
import io.netty.channel.uring.IoUring;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Receive buffers that the connections of an event loop share, where the system fills them one after another. */
class SharedReceiveBuffersTest extends StreamTest {
    private static final int MESSAGE = 100;

    private final BlockingQueue<ByteBuf> kept = new LinkedBlockingQueue<>();

    private Server keeping() throws Exception {
        Assumptions.assumeTrue(medium.family() == Medium.Family.TCP
                && medium.backend() == Backend.IO_URING
                && Backend.IO_URING.receiveBuffers() >= 0);
        return start(listen().loops(loops.threads(1)).consume(bytes -> kept.add(bytes.retain())));
    }

    private ByteBuf next() throws InterruptedException {
        return kept.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Netty decides by system properties that it reads once, so nothing else shows that ours were taken. */
    @Test
    void oneRequestReceivesForAConnectionUntilItEnds() throws Exception {
        keeping();
        assertThat(IoUring.isRecvMultishotEnabled()).isTrue();
        assertThat(IoUring.isAcceptMultishotEnabled()).isFalse();
        assertThat(IoUring.isPollAddMultishotEnabled()).isFalse();
    }

    @Test
    void whatTwoPeersSendStandsInOneBuffer() throws Exception {
        Server server = keeping();
        StreamPeer first = dial(server);
        StreamPeer second = dial(server);

        first.send(new byte[MESSAGE]);
        ByteBuf one = next();
        second.send(new byte[MESSAGE]);
        ByteBuf other = next();
        try {
            assertThat(other.memoryAddress()).isEqualTo(one.memoryAddress() + MESSAGE);
        } finally {
            List.of(one, other).forEach(ReferenceCountUtil::release);
        }
    }

    @Test
    void whatIsKeptIsNotWrittenOver() throws Exception {
        Server server = keeping();
        StreamPeer peer = dial(server);
        // Several times through all the buffers that there are, while the first message is kept.
        peer.send("first".getBytes(UTF_8));
        ByteBuf first = next();
        for (int i = 0; i < 200; i++) {
            peer.send(new byte[16 * 1_024]);
            for (int received = 0; received < 16 * 1_024; ) {
                ByteBuf some = next();
                received += some.readableBytes();
                some.release();
            }
        }
        assertThat(first.toString(UTF_8)).isEqualTo("first");
        first.release();
    }
}
