package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From one event loop to another: the test's thread is the first. */
class HopTest {
    private final EventLoop there = new DefaultEventLoop();
    private final List<Object> arrived = new ArrayList<>();
    private final AtomicInteger faults = new AtomicInteger();
    private final AtomicInteger batches = new AtomicInteger();
    private final Hop hop = new Hop(there, new Hop.Arrival() {
        @Override
        public void arrived(Object datagram, SocketAddress address, long allowance) {
            if (datagram.equals("bad")) {
                throw new IllegalStateException("as the test wants");
            }
            arrived.add(datagram + ":" + allowance);
        }

        @Override
        public void faulty(Throwable fault) {
            faults.incrementAndGet();
        }

        @Override
        public void batchEnded() {
            batches.incrementAndGet();
        }
    });

    @AfterEach
    void stop() {
        there.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void aBatchArrivesTogetherAndInOrder() {
        for (int i = 0; i < 20; i++) {
            hop.put("d" + i, null, i);
        }
        assertThat(batches).hasValue(0);
        hop.go();
        hop.go(); // Nothing more to send.
        await().until(() -> batches.get() == 1);
        assertThat(arrived).hasSize(20).startsWith("d0:0", "d1:1").endsWith("d19:19");
    }

    @Test
    void aBlockedLoopIsLeftABoundedNumber() {
        CountDownLatch free = new CountDownLatch(1);
        there.execute(() -> waitFor(free));
        for (int i = 0; i < Hop.MOST_UNDER_WAY; i++) {
            assertThat(hop.full()).isFalse();
            hop.put("d", null, 0);
            hop.go();
        }
        assertThat(hop.full()).isTrue();
        free.countDown();
        await().until(() -> batches.get() == Hop.MOST_UNDER_WAY);
        assertThat(hop.full()).isFalse();
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aFaultAtArrivalCostsThatDatagramOnly() {
        for (int i = 0; i < Hop.MOST_UNDER_WAY / 2; i++) {
            hop.put("bad", null, 0);
            hop.put("d", null, i);
        }
        hop.go();
        await().until(() -> batches.get() == 1);
        assertThat(faults).hasValue(2_048);
        assertThat(arrived).hasSize(2_048).startsWith("d:0").endsWith("d:2047");
        for (int i = 0; i < Hop.MOST_UNDER_WAY; i++) {
            assertThat(hop.full()).isFalse();
            hop.put("d", null, 0);
        }
    }

    @Test
    void whatCannotLeaveIsReleased() {
        stop();
        ByteBuf bytes = Unpooled.buffer(1);
        for (int i = 0; i < Hop.MOST_UNDER_WAY; i++) {
            hop.put(bytes.retain(), null, 0);
        }
        hop.go();
        assertThat(bytes.refCnt()).isEqualTo(1);
        assertThat(hop.full()).isFalse();
    }
}
