package io.headrace.tcp;

import io.headrace.OpenLoop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.concurrent.TimeUnit;

/**
 * Everything that comes in on one connection: how large its receive buffers are, and whether it is read at all.
 *
 * <p>The channel asks it for every receive buffer and tells it of every read, so bytes are counted without a handler on the line. Buffers
 * start at 2 KiB; a read that fills one doubles the next, up to 64 KiB, and two small reads in a row halve it. Event loop only.
 */
final class Inflow implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle, UncheckedBooleanSupplier {
    /** Why reading is held back: reading goes on when no reason is left. */
    static final int IN_FLIGHT = 1;

    static final int PRESSURE = 2;
    static final int ENDING = 4;
    /** It has had its turn: the loop's other connections come first. */
    static final int TURN = 8;

    private static final int MIN_BYTES = 2_048;
    private static final int MAX_BYTES = 65_536;
    /** Room for what is as large as this is looked for first. */
    private static final int LARGE_BYTES = 16_384;
    /** What there is still room for when there is none for a receive buffer. */
    private static final int LAST_BYTES = 64;
    /** How a channel is told that there is nothing more to read; it says so on its line. */
    private static final int END = -1;
    /** After so many reads the loop turns to its other connections. */
    private static final int MAX_READS = 16;

    private final StreamConnection<?, ?> connection;
    private final Channel channel;
    private final OpenLoop loop;
    private ChannelConfig config;
    private Runnable resume;
    private int bufferBytes = MIN_BYTES;
    private int attemptedBytes;
    private int lastBytes;
    private int reads;
    private int holds;
    private boolean lastWasSmall;
    private boolean finished;
    private boolean reading;

    Inflow(StreamConnection<?, ?> connection, Channel channel, OpenLoop loop) {
        this.connection = connection;
        this.channel = channel;
        this.loop = loop;
    }

    // ---- whether it is read

    void hold(int why) {
        if (holds == 0) {
            channel.config().setAutoRead(false);
        }
        holds |= why;
    }

    void letGo(int why) {
        if ((holds & why) == 0) {
            return;
        }
        holds &= ~why;
        if (holds == 0) {
            if (resume == null) {
                read();
            } else {
                loop.eventLoop().execute(this::resume); // Not now: frames that wait may bring us right back here.
            }
        }
    }

    /** Its turn is over; it goes on when the loop has looked at its other connections. A timer, because tasks may run without a look between. */
    void endTurn() {
        hold(TURN);
        loop.eventLoop().schedule(() -> letGo(TURN), 1, TimeUnit.NANOSECONDS);
    }

    private void resume() {
        if (wanted()) {
            connection.tail().batch(resume);
        }
        if (wanted()) {
            read();
        }
    }

    private void read() {
        if (!finished) { // At the end a socket is readable for ever.
            channel.config().setAutoRead(true);
        }
    }

    /** Nothing is taken any more, so everything may come: it is thrown away. */
    void drain() {
        channel.config().setAutoRead(true);
    }

    /** Whether anything but its turn holds reading back. */
    boolean held() {
        return (holds & ~TURN) != 0;
    }

    boolean held(int why) {
        return (holds & why) != 0;
    }

    /** Whether a handler that holds messages may pass the next one on; {@code resume} runs when it may again. */
    boolean wanted(Runnable resume) {
        this.resume = resume;
        return wanted();
    }

    private boolean wanted() {
        return holds == 0 && connection.open();
    }

    // ---- how large its buffers are

    /** One connection, one handle: this one. */
    @Override
    @SuppressWarnings("deprecation") // The supertype still says Handle.
    public ExtendedHandle newHandle() {
        return this;
    }

    @Override
    public void reset(ChannelConfig config) {
        this.config = config;
        reads = 0;
        reading = true;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        try {
            if (bufferBytes >= LARGE_BYTES) {
                DirectRoom.ofProcess().ask(bufferBytes);
            }
            return allocator.ioBuffer(bufferBytes);
        } catch (OutOfMemoryError scarce) {
            DirectRoom.ofProcess().wasRefused(scarce);
            // Not thrown: Netty's io_uring would let it out of the loop's handler, and its other connections would hear
            // no more.
            loop.eventLoop().execute(() -> channel.pipeline().fireExceptionCaught(scarce));
            return UnpooledByteBufAllocator.DEFAULT.directBuffer(LAST_BYTES);
        }
    }

    @Override
    public int guess() {
        return bufferBytes;
    }

    @Override
    public void incMessagesRead(int messages) {
        reads += messages;
    }

    @Override
    public void lastBytesRead(int bytes) {
        lastBytes = Math.max(0, bytes);
        if (bytes > 0) {
            connection.bytesReceived(bytes);
            resize(bytes);
        } else if (bytes < 0) {
            finish();
        }
    }

    /**
     * The peer has finished. Most channels are told that nothing came, and not of the end: Unix channels on NIO and io_uring would close at once
     * whatever ALLOW_HALF_CLOSURE says.
     */
    private void finish() {
        if (finished) {
            return; // epoll tells twice.
        }
        finished = true;
        if (StreamBackend.staysArmed(channel)) {
            lastBytes = END;
            return;
        }
        channel.config().setAutoRead(false);
        loop.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE));
    }

    private void resize(int bytes) {
        if (bytes >= bufferBytes) {
            bufferBytes = Math.min(MAX_BYTES, 2 * bufferBytes);
            lastWasSmall = false;
        } else if (bytes < bufferBytes / 4 && bufferBytes > MIN_BYTES) {
            if (lastWasSmall) {
                bufferBytes /= 2;
            }
            lastWasSmall = !lastWasSmall;
        } else {
            lastWasSmall = false;
        }
    }

    @Override
    public int lastBytesRead() {
        return lastBytes;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        attemptedBytes = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return attemptedBytes;
    }

    /** A read that filled its buffer has perhaps left more behind. */
    @Override
    public boolean get() {
        return attemptedBytes == lastBytes;
    }

    @Override
    public boolean continueReading() {
        return continueReading(this);
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
        return config.isAutoRead() && lastBytes > 0 && reads < MAX_READS && maybeMore.get();
    }

    @Override
    public void readComplete() {
        reading = false;
    }

    /** Whether the channel reads right now, and will say when it has read what there is. */
    boolean reading() {
        return reading;
    }
}
