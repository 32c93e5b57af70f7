package io.headrace;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Event loops that run. */
final class LoopGroup {
    private static final Logger LOG = LoggerFactory.getLogger(Loops.class);
    private static final int PATIENCE_S = 5;

    private final MultiThreadIoEventLoopGroup group;
    private final List<Loop> loops;
    private final Watchdog watchdog;

    private LoopGroup(MultiThreadIoEventLoopGroup group, List<Loop> loops, Watchdog watchdog) {
        this.group = group;
        this.loops = loops;
        this.watchdog = watchdog;
    }

    static LoopGroup start(
            int threads, String name, IoHandlerFactory handlers, Clock clock, Duration reportBlockedAfter) {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory factory = task -> {
            Thread thread = new FastThreadLocalThread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(false); // Whoever starts a server: it keeps the process alive until it stops.
            return thread;
        };
        OpenedHandlers opened = new OpenedHandlers(handlers);
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(threads, factory, opened) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... none) {
                return new AttentiveLoop(this, executor, handlers);
            }
        };
        List<Loop> loops = new ArrayList<>(threads);
        try {
            group.forEach(executor -> {
                EventLoop eventLoop = (EventLoop) executor;
                loops.add(new Loop(eventLoop, threadOf(eventLoop), clock));
            });
            Watchdog watchdog = new Watchdog(name, loops, reportBlockedAfter);
            watchdog.start();
            return new LoopGroup(group, List.copyOf(loops), watchdog);
        } catch (Throwable cannotStartThread) {
            giveUp(loops, opened);
            throw cannotStartThread;
        }
    }

    /** Of loops that somebody else drives: it is never stopped. */
    static LoopGroup driven(List<Loop> loops) {
        return new LoopGroup(null, loops, null);
    }

    /** Ends the loops that run; closes what the others opened. Asking those to end would try to start their threads again. */
    private static void giveUp(List<Loop> running, OpenedHandlers opened) {
        for (Loop loop : running) {
            loop.stopSweeping();
            loop.eventLoop().shutdownGracefully(0, PATIENCE_S, TimeUnit.SECONDS);
        }
        opened.closeAllBut(running.size());
    }

    private static Thread threadOf(EventLoop eventLoop) {
        return eventLoop.submit(Thread::currentThread).syncUninterruptibly().getNow();
    }

    List<Loop> loops() {
        return loops;
    }

    /** Ends the threads. Every channel is closed by now, so there is nothing to be quiet for. */
    void stop() {
        watchdog.stop();
        loops.forEach(Loop::stopSweeping);
        group.shutdownGracefully(0, PATIENCE_S, TimeUnit.SECONDS);
        boolean onOneOfThem = loops.stream().anyMatch(loop -> loop.eventLoop().inEventLoop());
        if (!onOneOfThem && !group.terminationFuture().awaitUninterruptibly(PATIENCE_S, TimeUnit.SECONDS)) {
            LOG.warn("event loops {} have not ended after {} s: one of them is blocked", group, PATIENCE_S);
        }
    }
}
