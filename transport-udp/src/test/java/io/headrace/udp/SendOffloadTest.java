package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Loops.Backend;
import io.headrace.Peer;
import io.headrace.Server;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Datagrams to one peer that go through the system as one, and that nobody can tell from others. */
class SendOffloadTest {
    private final Counts counts = new Counts();

    /** Says something to whoever asks, in one batch. */
    private Server saying(Consumer<DatagramPeer<Object>> words) {
        assumeTrue(EpollDatagramChannel.isSegmentedDatagramPacketSupported(), "the kernel has no UDP_SEGMENT");
        return Udp.listen(0)
                .loops(On.loops(Backend.EPOLL))
                .with(ReplyLimit.off())
                .with(counts)
                .options(o -> o.sendOffload(true))
                .handle((asked, exchange) -> {
                    words.accept(DatagramPeer.of(exchange.peer()));
                    exchange.consume();
                })
                .start();
    }

    /** Datagrams that lie side by side in the receiver's memory came as one. */
    @Test
    void whatFollowsEachOtherToOnePeerTravelsAsOne() throws Exception {
        Queue<Long> places = new ConcurrentLinkedQueue<>();
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        try (Server receiver = Udp.listen(0)
                        .loops(On.loops(Backend.EPOLL))
                        .options(o -> o.receiveOffload())
                        .consume(bytes -> {
                            places.add(bytes.memoryAddress() + bytes.readerIndex());
                            heard.add(bytes.toString(StandardCharsets.UTF_8));
                        })
                        .start();
                Server sender = saying(peer -> {
                    Peer<Object> to = peer.to((InetSocketAddress) receiver.address());
                    for (int i = 100; i < 110; i++) {
                        to.send("number " + i);
                    }
                });
                Caller caller = Caller.of(sender)) {
            caller.send("go");
            await().untilAsserted(() -> assertThat(heard).hasSize(10));
            assertThat(heard).first().isEqualTo("number 100");
            assertThat(heard).last().isEqualTo("number 109");
            List<Long> at = List.copyOf(places);
            for (int i = 1; i < 10; i++) {
                assertThat(at.get(i) - at.get(i - 1)).isEqualTo("number 100".length());
            }
            await().until(() -> counts.sent.get() == 10);
        }
    }

    @Test
    void lengthsAndOrderAreThoseThatWereSent() throws Exception {
        try (Caller other = Caller.listening();
                Server sender = saying(peer -> {
                    for (int bytes : new int[] {50, 50, 30, 50, 60, 1_300, 50}) {
                        peer.send("x".repeat(bytes));
                    }
                    peer.to(other.address()).send("to another");
                    peer.send("y".repeat(50));
                });
                Caller caller = Caller.of(sender)) {
            caller.send("go");
            List<Integer> lengths = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                lengths.add(caller.receiveBytes().length);
            }
            assertThat(lengths).containsExactly(50, 50, 30, 50, 60, 1_300, 50, 50);
            assertThat(other.receive()).isEqualTo("to another");
            await().until(() -> counts.sent.get() == 9);
            assertThat(counts.dropped()).isEmpty();
        }
    }

    @Test
    void aRunMayBeLongerThanTheSystemTakesAtOnce() throws Exception {
        try (Server sender = saying(peer -> {
                    for (int i = 0; i < 150; i++) {
                        peer.send("number " + (100 + i));
                    }
                });
                Caller caller = Caller.of(sender)) {
            caller.send("go");
            for (int i = 0; i < 150; i++) {
                assertThat(caller.receive()).isEqualTo("number " + (100 + i));
            }
        }
    }

    /** As where a device cannot take runs apart: the kernel says EIO. */
    @Test
    void aRefusedRunLeavesOneByOne() {
        List<Object> written = new ArrayList<>();
        AtomicBoolean refuses = new AtomicBoolean(true);
        EmbeddedChannel channel = new EmbeddedChannel() {
            @Override
            protected void doWrite(ChannelOutboundBuffer queue) {
                for (Object message; (message = queue.current()) != null; ) {
                    if (message instanceof SegmentedDatagramPacket && refuses.get()) {
                        queue.remove(new IOException("Input/output error"));
                    } else {
                        written.add(((DatagramPacket) message).content().toString(StandardCharsets.UTF_8));
                        queue.remove();
                    }
                }
            }
        };
        UdpLine line = new UdpLine(channel.pipeline(), counts, null);
        SocketEnd end = new SocketEnd(channel, 100, line, null, new Tally.Listener() {
            @Override
            public void sendFailed(Throwable cause) {
                written.add(cause);
            }

            @Override
            public void allSent() {}
        });
        Runs run = new Runs(channel, end);
        InetSocketAddress peer = new InetSocketAddress("127.0.0.1", 9);
        for (String text : List.of("one", "two", "3")) {
            assertThat(run.add(peer, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8)))
                    .isTrue();
        }
        run.leave();
        end.flush();
        channel.runPendingTasks();
        assertThat(written).containsExactly("one", "two", "3");
        ByteBuf next = Unpooled.copiedBuffer("next", StandardCharsets.UTF_8);
        assertThat(run.add(peer, next)).isFalse();
        assertThat(next.refCnt()).isEqualTo(1);
        next.release();
        channel.close();
    }

    @Test
    void itIsOffUnlessAskedFor() throws Exception {
        Queue<Long> places = new ConcurrentLinkedQueue<>();
        try (Server receiver = Udp.listen(0)
                        .loops(On.loops(Backend.EPOLL))
                        .options(o -> o.receiveOffload())
                        .consume(bytes -> places.add(bytes.memoryAddress() + bytes.readerIndex()))
                        .start();
                Server sender = Udp.listen(0)
                        .loops(On.loops(Backend.EPOLL))
                        .handle((asked, exchange) -> {
                            Peer<Object> to =
                                    DatagramPeer.of(exchange.peer()).to((InetSocketAddress) receiver.address());
                            to.send("one");
                            to.send("two");
                            exchange.consume();
                        })
                        .start();
                Caller caller = Caller.of(sender)) {
            caller.send("go");
            await().untilAsserted(() -> assertThat(places).hasSize(2));
            List<Long> at = List.copyOf(places);
            assertThat(at.get(1) - at.get(0)).isNotEqualTo(3);
        }
    }
}
