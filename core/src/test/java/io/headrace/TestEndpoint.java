package io.headrace;

import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A running endpoint without sockets, on one real event loop, with a clock that the test moves. */
final class TestEndpoint implements AutoCloseable {
    final ManualClock clock = Clock.manual();
    final OpenEndpoint open;
    final OpenLoop loop;

    private TestEndpoint(Application<Object, Object> application, List<MessageStage> stages) {
        Plan<Channel, Object, Object> plan = Plan.<Channel, Object, Object>of(
                        new FakeTransport("10.0.0.1:1"), "test", Codec.none(Object.class, Object.class))
                .loops(Loops.of(Loops.Backend.NIO).threads(1).named("test-loop").clock(clock));
        for (MessageStage stage : stages) {
            plan = plan.with(stage);
        }
        open = plan.open(application);
        loop = open.openLoops().get(0);
    }

    static TestEndpoint of(Application<Object, Object> application, MessageStage... stages) {
        return new TestEndpoint(application, List.of(stages));
    }

    /** A handler that hears of every message. */
    static TestEndpoint handling(Handler<Object, Object> handler, MessageStage... stages) {
        return new TestEndpoint(Application.of(handler), List.of(stages));
    }

    /** Someone new has connected. */
    Line line() {
        return new Line();
    }

    /** On the loop; what it throws is thrown here. */
    <T> T call(Callable<T> task) {
        return loop.eventLoop().submit(task).syncUninterruptibly().getNow();
    }

    void run(Runnable task) {
        loop.eventLoop().submit(task).syncUninterruptibly();
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

        Line() {
            TestEndpoint.this.run(() -> connection.open(loop.application(), loop, owner));
        }

        void receive(Object... messages) {
            TestEndpoint.this.run(() -> {
                for (Object message : messages) {
                    connection.exchanges().received(message);
                }
            });
        }

        /** The connection is gone. */
        void end() {
            TestEndpoint.this.run(() -> {
                connection.ended = true;
                connection.exchanges().abandon();
            });
        }

        void run(Consumer<OrderedExchanges<Object>> task) {
            TestEndpoint.this.run(() -> task.accept(connection.exchanges()));
        }

        List<Outcome> unanswered() {
            return call(() -> List.copyOf(owner.unanswered));
        }

        int settled() {
            return call(() -> owner.settled);
        }

        int openExchanges() {
            return call(() -> connection.exchanges().open());
        }
    }
}
