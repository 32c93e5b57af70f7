package io.headrace;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;

/**
 * An event loop that its sockets do not wait for, and that does not wake up for nothing.
 *
 * <p>Netty's own (4.2.18) runs tasks for as long as there are any, up to a second, before it looks at its sockets again: a connection that
 * sends as fast as its peer reads always has one more. And when nothing is scheduled it gives each wait a second, which has to be set and
 * taken back: on io_uring that is one more request, a third of what a wait with one message costs.
 */
final class AttentiveLoop extends SingleThreadIoEventLoop {
    /** So long tasks may run while sockets wait. Looked at after every 64 tasks. */
    private static final long TASKS_MS = 1;

    private static final long NOTHING_SCHEDULED = -1;

    AttentiveLoop(IoEventLoopGroup group, Executor executor, IoHandlerFactory handlers) {
        super(group, executor, handlers, DEFAULT_MAX_PENDING_TASKS, RejectedExecutionHandlers.reject(), TASKS_MS);
    }

    /** For epoll and io_uring, which take -1 for without end. */
    @Override
    protected long deadlineNanos() {
        return nextScheduledTaskDeadlineNanos();
    }

    /** For NIO, which takes the greatest number for that. */
    @Override
    protected long delayNanos(long currentTimeNanos) {
        return nextScheduledTaskDeadlineNanos() == NOTHING_SCHEDULED
                ? Long.MAX_VALUE
                : super.delayNanos(currentTimeNanos);
    }
}
