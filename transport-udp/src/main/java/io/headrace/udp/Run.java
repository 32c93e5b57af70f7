package io.headrace.udp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/**
 * Datagrams to one peer that leave together, so that they go through the system as one (UDP_SEGMENT). All but the last are equally long.
 * Event loop only.
 */
final class Run {
    /** As many as Linux takes apart at once, in every version that can. */
    private static final int MOST = 64;
    /** Fewer leave one by one: to copy them behind one another and to take them apart again would cost more. */
    private static final int FEWEST = 3;

    private final Channel channel;
    private final SocketEnd end;
    private final ByteBuf[] datagrams = new ByteBuf[MOST];
    private InetSocketAddress recipient;
    private int count;
    private int segmentBytes;
    private int totalBytes;

    Run(Channel channel, SocketEnd end) {
        this.channel = channel;
        this.end = end;
    }

    boolean goesTo(InetSocketAddress to) {
        return recipient.getPort() == to.getPort() && recipient.equals(to);
    }

    /** The first of a new run. Takes ownership. */
    void begin(InetSocketAddress to, ByteBuf bytes) {
        recipient = to;
        segmentBytes = bytes.readableBytes();
        add(bytes);
    }

    /** The next one: after one that is shorter, or where it is longer or one too many, another run begins. Takes ownership. */
    void join(ByteBuf bytes) {
        int length = bytes.readableBytes();
        boolean fits = totalBytes == count * segmentBytes
                && length <= segmentBytes
                && count < MOST
                && totalBytes + length <= UdpOptions.LONGEST_BYTES;
        if (fits) {
            add(bytes);
        } else {
            InetSocketAddress to = recipient;
            leave();
            begin(to, bytes);
        }
    }

    private void add(ByteBuf bytes) {
        datagrams[count++] = bytes;
        totalBytes += bytes.readableBytes();
    }

    /** Lets it go to the socket's queue. */
    void leave() {
        if (count < FEWEST) {
            for (int i = 0; i < count; i++) {
                end.write(UdpBackend.datagram(datagrams[i], recipient));
                datagrams[i] = null;
            }
        } else {
            end.write(UdpBackend.segmented(inOnePiece(), segmentBytes, recipient));
        }
        count = 0;
        totalBytes = 0;
        recipient = null;
    }

    /** The system takes apart only what is in one piece. */
    private ByteBuf inOnePiece() {
        ByteBuf all = channel.alloc().directBuffer(totalBytes, totalBytes);
        for (int i = 0; i < count; i++) {
            all.writeBytes(datagrams[i]);
            datagrams[i].release();
            datagrams[i] = null;
        }
        return all;
    }
}
