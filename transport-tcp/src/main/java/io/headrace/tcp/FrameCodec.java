package io.headrace.tcp;

import io.headrace.Line;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;

/**
 * Cuts one connection's bytes into frames, and puts the frame around what is written.
 *
 * <p>Holds what is not a whole frame yet, and whole frames that the application does not want yet. Memory grows with the bytes that came,
 * never with a number that a peer wrote.
 */
final class FrameCodec extends ChannelDuplexHandler {
    /** Up to this size a payload is copied behind its head: one buffer is cheaper to send than three. */
    private static final int COPY_BYTES = 4_096;

    /** What is smaller finds a place in what the pool has. */
    private static final int LARGE_BYTES = 16_384;

    private final Frames frames;
    private final Line line;
    private final Runnable resume = this::resume;
    private ChannelHandlerContext ctx;
    private ByteBuf held;
    private int seen;
    private boolean frameOpen;
    private boolean finishHeld;

    FrameCodec(Frames frames, Line line) {
        this.frames = frames;
        this.line = line;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object delivered) {
        if (!(delivered instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(delivered);
            return;
        }
        held = held == null ? bytes : joined(bytes);
        cut();
    }

    private ByteBuf joined(ByteBuf more) {
        int bytes = held.readableBytes() + more.readableBytes();
        boolean grows = bytes > LARGE_BYTES && more.readableBytes() > held.maxFastWritableBytes();
        if (!grows) {
            return ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), held, more);
        }
        DirectRoom room = DirectRoom.ofProcess();
        try {
            room.ask(ctx.alloc().calculateNewCapacity(bytes, Integer.MAX_VALUE));
        } catch (OutOfMemoryError none) {
            more.release();
            throw none;
        }
        try {
            return ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), held, more);
        } catch (OutOfMemoryError none) {
            room.wasRefused(none);
            throw none;
        }
    }

    private void cut() {
        boolean begun = frameOpen;
        boolean incomplete = false;
        try {
            while (held != null && !incomplete && line.wanted(resume)) {
                int length = frames.find(held, seen);
                if (length == Frames.INCOMPLETE) {
                    seen = held.readableBytes();
                    incomplete = true;
                } else {
                    seen = 0;
                    begun = false;
                    ByteBuf frame = frames.take(held, length);
                    if (!held.isReadable()) {
                        drop();
                    }
                    ctx.fireChannelRead(frame);
                }
            }
        } catch (FrameViolation violation) {
            drop();
            line.violated(violation.reason(), violation.getMessage());
        }
        if (line.over()) {
            drop();
        }
        tellClock(incomplete && held != null, begun);
    }

    /** A frame that is held because nobody wants it is not the peer's delay; each new frame starts the clock anew. */
    private void tellClock(boolean open, boolean sameFrame) {
        if (open ? !sameFrame : frameOpen) {
            line.frameOpen(open);
        }
        frameOpen = open;
    }

    private void resume() {
        if (held != null) {
            cut();
        }
        if (finishHeld && (held == null || frameOpen)) {
            finishHeld = false;
            dropUnfinished();
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && held != null && !frameOpen && !line.over()) {
            finishHeld = true; // The peer has finished, but whole frames of it still wait: they come first.
        } else {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                dropUnfinished();
            }
            ctx.fireUserEventTriggered(event);
        }
    }

    /** What is left can no longer become whole. */
    private void dropUnfinished() {
        drop();
        tellClock(false, false);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof ByteBuf payload)) {
            ctx.write(message, promise);
            return;
        }
        int size = payload.readableBytes();
        ByteBuf head = null;
        try {
            head = ctx.alloc().ioBuffer(frames.overheadBytes() + (size <= COPY_BYTES ? size : 0));
            frames.open(payload, head);
        } catch (RuntimeException | OutOfMemoryError cannotBeFramed) {
            ReferenceCountUtil.release(head);
            payload.release();
            throw cannotBeFramed;
        }
        if (size <= COPY_BYTES) {
            head.writeBytes(payload);
            payload.release();
            frames.close(head);
            ctx.write(head, promise);
        } else {
            ctx.write(head, ctx.voidPromise());
            ctx.write(payload, ctx.voidPromise());
            ctx.write(closing(), promise);
        }
    }

    private ByteBuf closing() {
        ByteBuf tail = ctx.alloc().ioBuffer(frames.overheadBytes());
        frames.close(tail);
        return tail;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        drop();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        drop();
    }

    private void drop() {
        if (held != null) {
            held.release();
            held = null;
        }
        seen = 0;
    }
}
