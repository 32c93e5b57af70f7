package io.headrace.tcp;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Line;
import io.headrace.Watch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A line without a socket, with one framing on it. */
final class FakeLine implements Line {
    final EmbeddedChannel channel;
    final List<Boolean> clock = new ArrayList<>();
    int wantedFrames = Integer.MAX_VALUE;
    CloseReason violation;
    String detail;
    int violations;
    private final List<String> frames = new ArrayList<>();
    private boolean finished;
    private Runnable resume;

    FakeLine(Frames framing) {
        channel = new EmbeddedChannel(new FrameCodec(framing, this), new Application());
    }

    private final class Application extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf frame = (ByteBuf) message;
            frames.add(frame.toString(StandardCharsets.ISO_8859_1));
            frame.release();
            wantedFrames--;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            finished |= event == ChannelInputShutdownEvent.INSTANCE;
        }
    }

    void read(byte[] bytes) {
        channel.writeInbound(PooledByteBufAllocator.DEFAULT.buffer(bytes.length).writeBytes(bytes));
    }

    void read(String text) {
        read(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void finish() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    /** Lets so many more frames through. */
    void want(int more) {
        wantedFrames = more;
        resume.run();
    }

    void write(byte[] payload) {
        channel.writeOutbound(PooledByteBufAllocator.DEFAULT
                .buffer(Math.max(1, payload.length))
                .writeBytes(payload));
    }

    byte[] written() {
        ByteBuf all = PooledByteBufAllocator.DEFAULT.buffer();
        for (ByteBuf some; (some = channel.readOutbound()) != null; ) {
            all.writeBytes(some);
            some.release();
        }
        byte[] bytes = ByteBufUtil.getBytes(all);
        all.release();
        return bytes;
    }

    List<String> frames() {
        return frames;
    }

    boolean finished() {
        return finished;
    }

    void close() {
        channel.finishAndReleaseAll();
    }

    @Override
    public boolean wanted(Runnable resume) {
        this.resume = resume;
        return wantedFrames > 0 && violation == null;
    }

    @Override
    public boolean over() {
        return violation != null;
    }

    @Override
    public void violated(CloseReason reason, String detail) {
        violations++;
        violation = reason;
        this.detail = detail;
    }

    @Override
    public void frameOpen(boolean open) {
        clock.add(open);
    }

    @Override
    public void add(String name, ChannelHandler handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void watch(Watch watch) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Connection<?> connection() {
        throw new UnsupportedOperationException();
    }
}
