package io.headrace.bench.load;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A small server on one loop, for as long as a test takes. */
final class Served implements AutoCloseable {
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel server;

    private Served(Class<? extends ServerChannel> type, SocketAddress address, Supplier<ChannelHandler[]> line) {
        server = new ServerBootstrap()
                .group(loop)
                .channel(type)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.pipeline().addLast(line.get()).addLast(new Deaf());
                    }
                })
                .bind(address)
                .syncUninterruptibly()
                .channel();
    }

    static Served tcp(Supplier<ChannelHandler> handler) {
        return line(() -> new ChannelHandler[] {handler.get()});
    }

    static Served line(Supplier<ChannelHandler[]> line) {
        return new Served(NioServerSocketChannel.class, new InetSocketAddress("127.0.0.1", 0), line);
    }

    static Served unix(Path path, Supplier<ChannelHandler> handler) {
        return new Served(NioServerDomainSocketChannel.class, UnixDomainSocketAddress.of(path), () ->
                new ChannelHandler[] {handler.get()});
    }

    /** Echo whose connections all stop being read for a while when so many requests have come; once. */
    static Served stalling(int requests, int size, int stallMs) {
        AtomicInteger left = new AtomicInteger(requests * size);
        Served[] self = new Served[1];
        self[0] = tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                int bytes = ((ByteBuf) message).readableBytes();
                ctx.writeAndFlush(message);
                int before = left.getAndAdd(-bytes);
                if (before > 0 && before - bytes <= 0) {
                    self[0].read(false);
                    ctx.executor().schedule(() -> self[0].read(true), stallMs, TimeUnit.MILLISECONDS);
                }
            }
        });
        return self[0];
    }

    /** The load ends when its time is up, in the middle of answers: a reset is nothing to log. */
    private static final class Deaf extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private void read(boolean on) {
        connections.forEach(connection -> connection.config().setAutoRead(on));
    }

    static ChannelHandler echo() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.writeAndFlush(message);
            }
        };
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public String toString() {
        return server.localAddress() instanceof UnixDomainSocketAddress path
                ? "unix:" + path
                : "tcp://127.0.0.1:" + port();
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        connections.close().awaitUninterruptibly();
        loop.shutdownGracefully(1, 2_000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }
}
