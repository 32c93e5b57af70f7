package io.headrace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringBufferRingAllocator;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * I/O threads: how many, on which of the system's interfaces. A value until something starts on it.
 *
 * <p>Whatever names the same {@code Loops} object shares its threads: they start with the first server or client that does, and end
 * with the last. Without naming any, everything in the process shares {@link #shared()}; an endpoint that is given one of its own
 * has its threads to itself.
 */
public final class Loops {

    private static final List<String> MANY_AT_ONCE =
            List.of("io.netty.iouring.acceptMultiShotEnabled", "io.netty.iouring.pollAddMultishotEnabled");

    /** The system's interface for many sockets on one thread. */
    public enum Backend {
        /** Linux, by choice only: less processor per message, but younger. Datagrams and mere greetings have epoll threads beside these: they would be slower here. */
        IO_URING,
        /** Linux: what {@link #auto()} takes there. */
        EPOLL,
        /** macOS and BSD: what {@link #auto()} takes there. Compiled, but not tested by the project. */
        KQUEUE,
        /** Any JDK. */
        NIO;

        static {
            // Netty's class reads these once, so they are set before it is touched; who has set them knows why.
            // A request that accepts many is made again as soon as it has failed, whether accepting is held or not:
            // without descriptors that is a loop. One that polls many times tells of edges only, and loses a reset that
            // comes with the last bytes. One that receives many times is what makes io_uring cheaper: it stays.
            for (String many : MANY_AT_ONCE) {
                if (System.getProperty(many) == null) {
                    System.setProperty(many, "false");
                }
            }
        }

        private Throwable obstacle() {
            return switch (this) {
                case IO_URING -> IoUring.unavailabilityCause();
                case EPOLL -> Epoll.unavailabilityCause();
                case KQUEUE -> KQueue.unavailabilityCause();
                case NIO -> null;
            };
        }

        private IoHandlerFactory handlers() {
            return switch (this) {
                case IO_URING -> IoUringIoHandler.newFactory(rings());
                // Edge-triggered nothing: what is left are errors, each told once.
                case EPOLL -> new StayingHandlers(EpollIoHandler.newFactory(), EpollIoOps.NONE, EpollIoOps.EPOLLET);
                case KQUEUE -> KQueueIoHandler.newFactory();
                case NIO -> NioIoHandler.newFactory();
            };
        }

        private static IoUringIoHandlerConfig rings() {
            IoUringIoHandlerConfig config = new IoUringIoHandlerConfig();
            return IO_URING.receiveBuffers() < 0
                    ? config
                    : config.setBufferRingConfig(IoUringBufferRingConfig.builder()
                            .bufferGroupId(SHARED_BUFFERS)
                            .bufferRingSize((short) 32)
                            .batchSize(8)
                            .incremental(true)
                            .allocator(new ReceiveBuffers())
                            .build());
        }

        /**
         * The group of receive buffers that the streams of an event loop share here, or -1 where each has its own. Sharing needs Linux 6.12: the
         * system puts what comes in one behind the other, whoever sent it, and an idle connection holds no buffer. For transports.
         */
        public short receiveBuffers() {
            return this == IO_URING && available() && IoUring.isRegisterBufferRingIncSupported() ? SHARED_BUFFERS : -1;
        }

        /** Whether this machine has it. */
        public boolean available() {
            return obstacle() == null;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Receive buffers that the system fills one after another. */
    private static final class ReceiveBuffers implements IoUringBufferRingAllocator {
        /** The most that a message which is kept can keep with it. */
        private static final int BYTES = 16 * 1_024;
        /** What there is still room for when there is none for a buffer. */
        private static final int LAST_BYTES = 64;

        @Override
        public ByteBuf allocate() {
            try {
                return PooledByteBufAllocator.DEFAULT.directBuffer(BYTES);
            } catch (OutOfMemoryError scarce) {
                // Not thrown: Netty would let it out of the loop's handler, and nobody there would hear any more.
                return UnpooledByteBufAllocator.DEFAULT.directBuffer(LAST_BYTES);
            }
        }

        @Override
        public void lastBytesRead(int attempted, int actual) {
            // They stay as large as they are.
        }
    }

    private static final short SHARED_BUFFERS = 0;
    private static final Logger LOG = LoggerFactory.getLogger(Loops.class);
    private static final AtomicBoolean TOLD_WHY_NOT_NATIVE = new AtomicBoolean();
    private static final Loops SHARED = auto().named("headrace-loop");

    private final Backend wanted; // Null: the best there is.
    private final int threads;
    private final String name;
    private final Clock clock;
    private final Duration reportBlockedAfter;
    private LoopGroup running;
    private int users;
    private Loops beside; // Null until somebody needs it.

    private Loops(Backend wanted, int threads, String name, Clock clock, Duration reportBlockedAfter) {
        this.wanted = wanted;
        this.threads = threads;
        this.name = name;
        this.clock = clock;
        this.reportBlockedAfter = reportBlockedAfter;
    }

    /** What everything shares that names no loops of its own: one thread per processor, on the best backend there is. */
    public static Loops shared() {
        return SHARED;
    }

    /** One thread per processor, on the best backend there is: epoll, then kqueue, then NIO. */
    public static Loops auto() {
        return new Loops(
                null,
                Runtime.getRuntime().availableProcessors(),
                "headrace-loop",
                Clock.system(),
                Duration.ofSeconds(1));
    }

    /** On this backend; starting fails where the machine does not have it. */
    public static Loops of(Backend backend) {
        return new Loops(
                backend,
                Runtime.getRuntime().availableProcessors(),
                "headrace-" + backend,
                Clock.system(),
                Duration.ofSeconds(1));
    }

    /** One event loop that this thread drives by hand, so that what happens on it can happen again: for tests. Nobody's last use ends it. */
    static Loops driven(EventLoop eventLoop, Thread thread, Clock clock) {
        Loops driven = of(Backend.NIO).threads(1).clock(clock);
        driven.running = LoopGroup.driven(List.of(new Loop(eventLoop, thread, clock)));
        driven.users = 1;
        return driven;
    }

    /** With so many threads. */
    public Loops threads(int threads) {
        return new Loops(wanted, threads, name, clock, reportBlockedAfter);
    }

    /** With threads called {@code name-1}, {@code name-2} and so on. */
    public Loops named(String name) {
        return new Loops(wanted, threads, name, clock, reportBlockedAfter);
    }

    /** With this clock; tests give {@link Clock#manual()}. */
    public Loops clock(Clock clock) {
        return new Loops(wanted, threads, name, clock, reportBlockedAfter);
    }

    /** Reports a loop once, with its stack, when it has been blocked for so long. One second by default. */
    public Loops reportBlockedAfter(Duration blocked) {
        return new Loops(wanted, threads, name, clock, blocked);
    }

    void check(Problems problems) {
        problems.expect(threads >= 1 && threads <= 1_024, "loops.threads", threads, "1 to 1024");
        problems.expectPositive("loops.reportBlockedAfter", reportBlockedAfter);
        if (wanted != null && !wanted.available()) {
            problems.expect(false, "loops", wanted, "available on this machine, but " + why(wanted));
        }
    }

    /** The backend that these loops run on, or would run on. */
    public Backend backend() {
        if (wanted != null) {
            return wanted;
        }
        return Backend.EPOLL.available() ? Backend.EPOLL : Backend.KQUEUE.available() ? Backend.KQUEUE : Backend.NIO;
    }

    /**
     * Threads on this backend for sockets that cannot run on these: these themselves where they do, otherwise others, always the same ones for
     * the same {@code Loops}. There are as many of them, they have the same clock, and they too start with their first user and end
     * with the last. Any thread; for transports.
     */
    public synchronized Loops beside(Backend other) {
        if (backend() == other) {
            return this;
        }
        if (beside == null || beside.wanted != other) {
            beside = new Loops(other, threads, name + "-" + other, clock, reportBlockedAfter);
        }
        return beside;
    }

    /** The backend that was chosen and, a line each, why not the others. */
    public List<String> explain() {
        List<String> lines = new ArrayList<>();
        Backend chosen = backend();
        lines.add(chosen + ": chosen" + (wanted == null ? ", the best of those that auto takes" : " by name"));
        for (Backend other : Backend.values()) {
            if (other != chosen) {
                lines.add(other + ": " + whyNot(other, chosen));
            }
        }
        return lines;
    }

    private static String whyNot(Backend other, Backend chosen) {
        if (!other.available()) {
            return why(other);
        }
        return other == Backend.IO_URING ? "available, by choice only" : "available, " + chosen + " is preferred";
    }

    private static String why(Backend backend) {
        Throwable cause = backend.obstacle();
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return "not available: " + cause.getMessage();
    }

    /** The running threads, started if this is their first user. */
    synchronized LoopGroup acquire() {
        if (users == 0) {
            tellWhyNotNative();
            running = LoopGroup.start(threads, name, backend().handlers(), clock, reportBlockedAfter);
        }
        users++;
        return running;
    }

    /** Where nobody asked for NIO, it is worth one line of the process's log. */
    private void tellWhyNotNative() {
        if (wanted == null && backend() == Backend.NIO && !TOLD_WHY_NOT_NATIVE.getAndSet(true)) {
            LOG.info("no native transport here, nio serves: {}", String.join("; ", explain()));
        }
    }

    /** One user fewer; the last one ends the threads. Never waits on one of those threads for itself. */
    void release() {
        LoopGroup idle = null;
        synchronized (this) {
            if (--users == 0) {
                idle = running;
                running = null;
            }
        }
        if (idle != null) {
            idle.stop();
        }
    }

    /** A daemon thread for work that is no loop's: stopping a server, a shutdown hook. */
    static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public String toString() {
        return threads + " x " + backend();
    }
}
