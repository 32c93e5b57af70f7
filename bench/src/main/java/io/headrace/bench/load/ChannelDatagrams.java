package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.nio.channels.ClosedChannelException;

/** A datagram socket as a channel of Netty's. */
final class ChannelDatagrams extends ChannelInboundHandlerAdapter implements Datagrams {
    private final Wire wire;
    private final Listener listener;

    private Channel channel;
    private boolean unflushed;
    private boolean closed;

    ChannelDatagrams(Wire wire, Listener listener) {
        this.wire = wire;
        this.listener = listener;
    }

    @Override
    public void open() {
        ChannelFuture connecting = wire.connect(this);
        channel = connecting.channel();
        connecting.addListener(done -> {
            if (closed) {
                return;
            }
            if (done.isSuccess()) {
                listener.opened();
            } else {
                breakDown(done.cause());
            }
        });
    }

    @Override
    public boolean canTake() {
        return channel.isWritable();
    }

    @Override
    public boolean send(ByteBuf datagram) {
        int size = datagram.readableBytes();
        ByteBuf copy = channel.alloc().directBuffer(size, size);
        channel.write(copy.writeBytes(datagram, datagram.readerIndex(), size), channel.voidPromise());
        unflushed = true;
        return true;
    }

    @Override
    public boolean hasUnflushed() {
        return unflushed;
    }

    @Override
    public void flush() {
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    @Override
    public void close() {
        closed = true;
        channel.close();
    }

    private void breakDown(Throwable cause) {
        closed = true;
        listener.broken(cause);
    }

    // ---- What Netty tells
    // --------------------------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        if (!closed) {
            listener.received(packet.content(), System.nanoTime());
        }
        packet.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!closed) {
            listener.receivedAll();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!closed && channel.isWritable()) {
            listener.writable();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!closed) {
            listener.undelivered(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!closed) {
            breakDown(new ClosedChannelException());
        }
    }
}
