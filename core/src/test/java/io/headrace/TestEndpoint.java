package io.headrace;

import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** A running endpoint without sockets, on one real event loop or two, with a clock that the test moves. */
final class TestEndpoint implements AutoCloseable {
    final ManualClock clock = Clock.manual();
    final OpenEndpoint open;
    final OpenLoop loop;

    private TestEndpoint(int loops, Application<Object, Object> application, List<MessageStage> stages) {
        Plan<Channel, Object, Object> plan = Plan.<Channel, Object, Object>of(
                        new FakeTransport("10.0.0.1:1"), "test", Codec.none(Object.class, Object.class))
                .loops(Loops.of(Loops.Backend.NIO)
                        .threads(loops)
                        .named("test-loop")
                        .clock(clock));
        for (MessageStage stage : stages) {
            plan = plan.with(stage);
        }
        open = plan.open(application);
        loop = open.openLoops().get(0);
    }

    static TestEndpoint of(Application<Object, Object> application, MessageStage... stages) {
        return new TestEndpoint(1, application, List.of(stages));
    }

    /** A handler that hears of every message. */
    static TestEndpoint handling(Handler<Object, Object> handler, MessageStage... stages) {
        return new TestEndpoint(1, Application.of(handler), List.of(stages));
    }

    /** The same on two loops. */
    static TestEndpoint handlingOnTwoLoops(Handler<Object, Object> handler, MessageStage... stages) {
        return new TestEndpoint(2, Application.of(handler), List.of(stages));
    }

    /** Someone new has connected. */
    Line line() {
        return new Line(loop);
    }

    /** Someone new has connected, and is served by this loop. */
    Line lineOn(int number) {
        return new Line(open.openLoops().get(number));
    }

    /** Someone has connected from there. */
    Line line(SocketAddress address) {
        Line line = line();
        line.connection.address = address;
        return line;
    }

    /** On the loop; what it throws is thrown here. */
    <T> T call(Callable<T> task) {
        return call(loop, task);
    }

    private static <T> T call(OpenLoop loop, Callable<T> task) {
        return loop.eventLoop().submit(task).syncUninterruptibly().getNow();
    }

    void run(Runnable task) {
        call(loop, Executors.callable(task));
    }

    /** Idempotent, as closing an endpoint is. */
    @Override
    public void close() {
        open.close();
    }

    /** One connection and what became of its messages. */
    final class Line {
        final FakeConnection connection = new FakeConnection();
        /** What the endpoint answered, in order. */
        final List<Object> sent = new CopyOnWriteArrayList<>();

        private final Owner owner = new Owner(sent);
        private final OpenLoop loop;

        Line(OpenLoop loop) {
            this.loop = loop;
            run(() -> connection.open(loop.application(), loop, owner));
        }

        private void run(Runnable task) {
            call(loop, Executors.callable(task));
        }

        void run(Consumer<OrderedExchanges<Object>> task) {
            run(() -> task.accept(connection.exchanges()));
        }

        void receive(Object... messages) {
            run(exchanges -> List.of(messages).forEach(exchanges::received));
        }

        /** The same without waiting until the loop has taken them. */
        void receiveSoon(Object... messages) {
            loop.eventLoop().execute(() -> List.of(messages).forEach(connection.exchanges()::received));
        }

        /** The connection is gone. */
        void end() {
            run(exchanges -> {
                connection.ended = true;
                exchanges.abandon();
            });
        }

        List<Outcome> unanswered() {
            return call(loop, () -> List.copyOf(owner.unanswered));
        }

        int settled() {
            return call(loop, () -> owner.settled);
        }

        int openExchanges() {
            return call(loop, () -> connection.exchanges().open());
        }
    }
}
