package io.headrace;

import java.util.List;
import java.util.concurrent.Callable;

/** One real event loop, with a clock that the test moves. */
final class TestLoop implements AutoCloseable {
    final ManualClock clock = Clock.manual();
    private final Loops loops =
            Loops.of(Loops.Backend.NIO).threads(1).named("test-loop").clock(clock);
    final Loop loop = loops.acquire().loops().get(0);
    private boolean closed;

    /** An endpoint's view of it, with no stages. */
    OpenLoop open(Application<?, ?> application, Otherwise<?, ?> otherwise) {
        return open(application, otherwise, List.of());
    }

    OpenLoop open(Application<?, ?> application, Otherwise<?, ?> otherwise, List<MessageStage.PerLoop> stages) {
        OpenLoop open = new OpenLoop(loop, application, otherwise);
        open.lay(List.of(), stages);
        return open;
    }

    /** On the loop; what it throws is thrown here. */
    <T> T call(Callable<T> task) {
        return loop.eventLoop().submit(task).syncUninterruptibly().getNow();
    }

    /** On the loop; what it throws is thrown here. */
    void run(Runnable task) {
        loop.eventLoop().submit(task).syncUninterruptibly();
    }

    /** Waits for what other threads have handed to the loop before. */
    void settle() {
        run(() -> {});
    }

    /** May be closed in the middle of a test already. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            loops.release();
        }
    }
}
