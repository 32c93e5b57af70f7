package io.headrace.tcp;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.LoopSite;
import io.headrace.Progress;
import io.headrace.Sweep;
import io.headrace.Watch;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** An event loop on which a stage stands, without sockets: it does something only when the test lets it. */
final class FakeLoopSite implements LoopSite {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Waiting> connections = new ArrayList<>();
    private final List<LongConsumer> rounds = new ArrayList<>();
    private Watch watch;
    int hurry = 1;

    /** A connection toward which bytes wait. */
    final class Waiting implements Progress {
        CloseReason closedFor;
        private long pendingBytes;
        private final Connection<?> connection = (Connection<?>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("close")) {
                        throw new UnsupportedOperationException(method.toString());
                    }
                    closedFor = (CloseReason) arguments[0];
                    queue(-pendingBytes);
                    return null;
                });

        /** So many bytes more. */
        void queue(long more) {
            pendingBytes += more;
            watch.pending(more);
        }

        @Override
        public long pendingBytes() {
            return pendingBytes;
        }

        @Override
        public long openedNs() {
            return 0;
        }

        @Override
        public long receivedBytes() {
            return 0;
        }

        @Override
        public long sentBytes() {
            return 0;
        }

        @Override
        public long lastReceivedNs() {
            return 0;
        }

        @Override
        public long lastSentNs() {
            return 0;
        }

        @Override
        public long stalledSinceNs() {
            return 0;
        }

        @Override
        public long frameSinceNs() {
            return 0;
        }
    }

    Waiting connection() {
        Waiting connection = new Waiting();
        connections.add(connection);
        return connection;
    }

    /** It does what others gave it to do. */
    void turn() {
        channel.runPendingTasks();
    }

    void sweep(long nowNs) {
        rounds.forEach(round -> round.accept(nowNs));
    }

    @Override
    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public long sweptNs(long thenNs) {
        return thenNs;
    }

    @Override
    public void watch(Watch watch) {
        this.watch = watch;
    }

    @Override
    public void sweep(Duration resolution, Sweep sweep) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Runnable onSweep(Duration resolution, LongConsumer round) {
        rounds.add(round);
        return () -> rounds.remove(round);
    }

    @Override
    public long patience(long limitNs) {
        return limitNs / hurry;
    }

    @Override
    public void hurry(int times) {
        hurry = times;
    }

    @Override
    public void visit(Sweep visitor) {
        List.copyOf(connections).forEach(each -> visitor.check(each.connection, each, 0));
    }
}
