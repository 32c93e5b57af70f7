package io.headrace.udp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import java.net.SocketAddress;

/** A run of bytes that leaves as several equal datagrams. */
final class Segments {
    /** In the place of a length: all in one datagram. */
    static final int WHOLE = Integer.MAX_VALUE;

    /** As many as Linux takes apart at once, in every version that can. */
    private static final int MOST = 64;

    private Segments() {}

    /** How many datagrams so many bytes are. */
    static int count(int bytes, int segmentBytes) {
        return bytes <= segmentBytes ? 1 : 1 + (bytes - 1) / segmentBytes;
    }

    /** Sends them with as few calls as the channel allows; false when one was dropped. Takes ownership. */
    static boolean send(ByteBuf bytes, int segmentBytes, SocketAddress recipient, Channel channel, Exit exit) {
        boolean glued = UdpBackend.takesSegments(channel);
        int most = glued ? segmentBytes * Math.min(MOST, UdpOptions.LONGEST_BYTES / segmentBytes) : segmentBytes;
        ByteBuf run = glued ? inOnePiece(bytes, channel) : bytes;
        boolean taken = true;
        try {
            while (run.isReadable()) {
                ByteBuf part = run.readRetainedSlice(Math.min(most, run.readableBytes()));
                Object leaving = part.readableBytes() > segmentBytes
                        ? UdpBackend.segmented(part, segmentBytes, recipient)
                        : part;
                taken &= exit.send(recipient, leaving) == null;
            }
        } finally {
            run.release();
        }
        return taken;
    }

    /** The system takes apart only what is in one piece. */
    private static ByteBuf inOnePiece(ByteBuf bytes, Channel channel) {
        if (bytes.nioBufferCount() == 1) {
            return bytes;
        }
        try {
            return channel.alloc().ioBuffer(bytes.readableBytes()).writeBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    /** How long each datagram is that this becomes; {@link #WHOLE} for one. */
    static int bytesOf(Object datagram) {
        return datagram instanceof AddressedEnvelope<?, ?> envelope ? UdpBackend.segmentBytes(envelope) : WHOLE;
    }
}
