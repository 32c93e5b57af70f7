package io.headrace.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.headrace.bench.netty.RawBackend;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Greeting and echo by hand on plain Netty: what Headrace is measured against.
 *
 * <p>Written as by someone who knows Netty well and leaves its defaults alone: one group accepts and serves, handlers are shared
 * between connections, what one round of reading brought is flushed once. Nothing of Headrace is in it.
 */
final class RawNetty implements AutoCloseable {
    static final byte[] GREETING = "Thank you for connecting".getBytes(US_ASCII);

    private static final int BACKLOG = 4_096;
    private static final int MOST_BYTES = 1_472; // As Headrace has them.
    private static final int MOST_AT_ONCE = 64;
    private static final int QUIET_MS = 1;
    private static final int PATIENCE_MS = 5_000;

    private final RawBackend backend;
    private final EventLoopGroup group;

    /** Starts its threads, called {@code name-1-1} and so on; {@link #close} ends them. */
    RawNetty(RawBackend backend, int loops, String name) {
        this.backend = backend;
        group = new MultiThreadIoEventLoopGroup(loops, new DefaultThreadFactory(name), backend.handlers());
    }

    /**
     * Serves greetings on port {@code args[0]}, TCP echo on the next and UDP echo on the one after that, or with 0 on any three; on
     * one epoll loop, until the process ends. {@code headrace serve --server netty} has choices.
     */
    public static void main(String[] args) {
        int base = Integer.parseInt(args[0]);
        RawNetty server = new RawNetty(RawBackend.EPOLL, 1, "netty");
        try {
            int greet = port(server.listen(local(base, 0), new Greeting()));
            int echo = port(server.listen(local(base, 1), new Echo()));
            int datagrams = port(server.listenForDatagrams(local(base, 2), new DatagramEcho(), false));
            System.out.println("ready " + greet + " " + echo + " " + datagrams);
        } catch (Exception cannotBind) {
            System.err.println("cannot start on ports " + base + " to " + (base + 2) + ": " + cannotBind.getMessage());
            System.exit(1);
        }
    }

    private static InetSocketAddress local(int base, int offset) {
        return new InetSocketAddress("127.0.0.1", base == 0 ? 0 : base + offset);
    }

    private static int port(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    /**
     * Serves streams, TCP or Unix. Blocks until it listens.
     *
     * @param line the sharable handlers of each connection
     * @return the address that it is really bound to
     */
    SocketAddress listen(SocketAddress address, ChannelHandler... line) throws Exception {
        // TCP_NODELAY is on already: Netty sets it on every connection, and asking for it again is another system call.
        return new ServerBootstrap()
                .group(group)
                .channel(backend.listeners(address))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(line);
                    }
                })
                .bind(backend.address(address))
                .sync()
                .channel()
                .localAddress();
    }

    /**
     * Serves datagrams. Blocks until it is bound.
     *
     * @param batch whether it reads many at a time, which only epoll can
     */
    SocketAddress listenForDatagrams(SocketAddress address, ChannelHandler handler, boolean batch) throws Exception {
        Bootstrap bootstrap =
                new Bootstrap().group(group).channel(backend.datagrams()).handler(handler);
        return (batch ? backend.batches(bootstrap, MOST_BYTES, MOST_AT_ONCE) : bootstrap)
                .bind(address)
                .sync()
                .channel()
                .localAddress();
    }

    @Override
    public void close() {
        // Not 0: a loop that is between two rounds when it is asked to end would end with its channels open.
        group.shutdownGracefully(QUIET_MS, PATIENCE_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(PATIENCE_MS);
    }

    /** Puts TLS before the handlers of each connection: what they write waits for the handshake, and a close says close_notify. */
    @Sharable
    static final class Tls extends ChannelInitializer<Channel> {
        private final SslContext context;

        Tls(SslContext context) {
            this.context = context;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addFirst(context.newHandler(channel.alloc()));
        }
    }

    /** Greets and closes at once. Input that nobody has read turns this close into a reset. */
    @Sharable
    static final class Greeting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(greeting(ctx)).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** Greets, says that this was all, and closes when the peer has closed too, or after a second. */
    @Sharable
    static final class LingeringGreeting extends ChannelInboundHandlerAdapter {
        private static final int LINGER_S = 1;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            DuplexChannel channel = (DuplexChannel) ctx.channel();
            Future<?> timeout = ctx.executor().schedule((Runnable) ctx::close, LINGER_S, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> timeout.cancel(false));
            ctx.writeAndFlush(greeting(ctx)).addListener(sent -> channel.shutdownOutput());
        }

        /** At end of stream Netty closes the channel by itself. */
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object discarded) {
            ReferenceCountUtil.release(discarded);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private static ByteBuf greeting(ChannelHandlerContext ctx) {
        return ctx.alloc().buffer(GREETING.length).writeBytes(GREETING);
    }

    /** Sends back what comes in. */
    @Sharable
    static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ctx.write(bytes);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** Takes what comes in, streams and datagrams alike. */
    @Sharable
    static final class Discard extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(ctx.channel() instanceof DatagramChannel)) {
                ctx.close();
            }
        }
    }

    /** Sends each datagram back to its sender. */
    static final class DatagramEcho extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket datagram) {
            ctx.write(new DatagramPacket(datagram.content().retain(), datagram.sender()));
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        /** One peer's trouble is not the end of the socket that all of them share. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
    }
}
