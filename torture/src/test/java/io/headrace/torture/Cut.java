package io.headrace.torture;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Line;
import io.headrace.Watch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DuplexChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * What a framing makes of some bytes, given to it in pieces: its frames, and the reason if it ended the connection.
 *
 * @param frames in hexadecimal
 */
record Cut(List<String> frames, CloseReason violation) {

    /** {@code pieces}: how long each piece is, in turn; the last takes what is left. */
    static Cut of(ChannelStage<DuplexChannel> framing, byte[] input, int... pieces) {
        Wire wire = new Wire();
        try {
            framing.open(null).onLoop(null).install(null, wire);
            int at = 0;
            for (int piece : pieces) {
                int end = Math.min(input.length, at + piece);
                wire.give(input, at, end);
                at = end;
            }
            wire.give(input, at, input.length);
            return wire.taken();
        } finally {
            wire.channel.finishAndReleaseAll();
        }
    }

    /** A line with nothing on it but the framing. */
    private static final class Wire implements Line {
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private CloseReason violation;

        /** As a socket would: in a buffer that belongs to the line. */
        void give(byte[] input, int from, int to) {
            if (violation == null && from < to) {
                ByteBuf bytes = channel.alloc().directBuffer(to - from);
                channel.writeInbound(bytes.writeBytes(input, from, to - from));
            }
        }

        Cut taken() {
            List<String> frames = new ArrayList<>();
            for (ByteBuf frame; (frame = channel.readInbound()) != null; ) {
                frames.add(ByteBufUtil.hexDump(frame));
                frame.release();
            }
            return new Cut(frames, violation);
        }

        @Override
        public void add(String name, ChannelHandler handler) {
            channel.pipeline().addLast(name, handler);
        }

        @Override
        public void watch(Watch watch) {}

        @Override
        public Connection<?> connection() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void frameOpen(boolean open) {}

        @Override
        public boolean wanted(Runnable resume) {
            return violation == null;
        }

        @Override
        public boolean over() {
            return violation != null;
        }

        @Override
        public void violated(CloseReason reason, String detail) {
            violation = reason;
        }
    }
}
