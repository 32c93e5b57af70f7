package io.headrace.udp;

import io.headrace.DropReason;
import io.headrace.Reports;
import io.headrace.Text;
import io.headrace.Watch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultAddressedEnvelope;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Consumer;

/**
 * Everything that leaves one datagram socket: the bounded queue toward it, and one flush per batch.
 *
 * <p>What does not fit is dropped and counted: a datagram that waits is soon worth nothing. Event loop only.
 */
final class Outflow implements Exit {
    private final Channel channel;
    private final boolean connected;
    private final Watch watch;
    private final Reports reports;
    private final SocketEnd direct; // Null where handlers stand between here and the socket.
    private final Runs runs; // Null where each datagram leaves by itself.
    private final Runnable flush = this::flush;
    private boolean inBatch;
    private boolean flushNeeded;
    private boolean flushScheduled;

    Outflow(Channel channel, boolean connected, Watch watch, Reports reports, SocketEnd direct, Runs runs) {
        this.channel = channel;
        this.connected = connected;
        this.watch = watch;
        this.reports = reports;
        this.direct = direct;
        this.runs = runs;
    }

    @Override
    public DropReason send(SocketAddress recipient, Object encoded) {
        DropReason obstacle = obstacle(recipient, encoded);
        if (obstacle != null) {
            drop(obstacle, recipient, encoded);
            return obstacle;
        }
        if (runs != null && runs.add(recipient, encoded)) {
            flushSoon();
            return null;
        }
        Object datagram = addressed(recipient, encoded);
        if (direct == null) {
            channel.write(datagram, channel.voidPromise()); // Counted by the SocketEnd on the line.
        } else {
            direct.write(datagram);
        }
        flushSoon();
        return null;
    }

    /** The same on a connected socket, with a promise of its own: {@code failed} hears when this datagram could not be sent. */
    DropReason ask(Object encoded, Consumer<Throwable> failed) {
        SocketAddress peer = channel.remoteAddress();
        DropReason obstacle = obstacle(peer, encoded);
        if (obstacle != null) {
            drop(obstacle, peer, encoded);
            return obstacle;
        }
        ChannelPromise promise = channel.newPromise();
        promise.addListener(done -> {
            if (!done.isSuccess()) {
                failed.accept(done.cause());
            }
        });
        if (direct == null) {
            channel.write(encoded, promise);
        } else {
            direct.write(channel.pipeline().lastContext(), encoded, promise); // As if it stood on the line.
        }
        flushSoon();
        return null;
    }

    /** Sending a datagram has thrown. */
    void faulty(Throwable fault) {
        watch.datagramDropped(DropReason.SEND_FAILED);
        reports.warn("datagram not sent", Text.escaped(String.valueOf(fault)), fault);
    }

    private void drop(DropReason obstacle, SocketAddress recipient, Object encoded) {
        watch.datagramDropped(obstacle);
        reports.warn("datagram to a peer dropped", () -> obstacle.tag() + " to " + Text.of(recipient), null);
        ReferenceCountUtil.release(encoded);
    }

    private DropReason obstacle(SocketAddress recipient, Object encoded) {
        if (encoded instanceof ByteBuf bytes && bytes.readableBytes() > UdpOptions.LONGEST_BYTES) {
            return DropReason.REPLY_OVERSIZE;
        }
        if (recipient instanceof InetSocketAddress inet && inet.isUnresolved()) {
            return DropReason.SEND_FAILED; // It could kill an epoll channel.
        }
        if (!connected && UdpBackend.unnamed(recipient)) {
            return DropReason.SEND_FAILED; // It sent from a socket without a path: nobody can send back.
        }
        if (channel.isWritable()) {
            return null;
        }
        flush();
        return channel.isWritable() ? null : DropReason.SEND_QUEUE_FULL;
    }

    private Object addressed(SocketAddress recipient, Object encoded) {
        if (connected || encoded instanceof AddressedEnvelope<?, ?>) { // Segments carry their address.
            return encoded;
        }
        return encoded instanceof ByteBuf bytes && recipient instanceof InetSocketAddress inet
                ? UdpBackend.datagram(bytes, inet)
                : new DefaultAddressedEnvelope<>(encoded, recipient);
    }

    private void flushSoon() {
        if (inBatch) {
            flushNeeded = true;
        } else if (!flushScheduled) {
            flushScheduled = true; // Whatever else this turn of the loop sends leaves in the same system call.
            channel.eventLoop().execute(flush);
        }
    }

    /** Datagrams are coming in; {@link #batchEnded} will follow. */
    void batchBegan() {
        inBatch = true;
    }

    @Override
    public void batchEnded() {
        inBatch = false;
        if (flushNeeded) {
            flush();
        }
    }

    @Override
    public void flush() {
        flushNeeded = false;
        flushScheduled = false;
        if (runs != null) {
            runs.leave();
        }
        if (direct == null) {
            channel.flush();
        } else {
            direct.flush();
        }
    }
}
