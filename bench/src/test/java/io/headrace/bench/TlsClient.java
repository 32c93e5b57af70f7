package io.headrace.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** A connection over TLS that trusts anybody, and remembers what it heard and how it ended. */
final class TlsClient implements AutoCloseable {
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel channel;
    private volatile Said said = new Said("", false, null);

    /**
     * What the other side has said.
     *
     * @param closeNotify whether it said that this was all
     * @param trouble what went wrong, or null
     */
    record Said(String text, boolean closeNotify, String trouble) {}

    private TlsClient(SocketAddress address) throws Exception {
        SslContext tls = SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .build();
        channel = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Ear());
                    }
                })
                .connect(address)
                .sync()
                .channel();
    }

    static TlsClient to(SocketAddress address) throws Exception {
        return new TlsClient(address);
    }

    /** What is said until the connection ends, to who only listens. */
    static Said said(SocketAddress address) throws Exception {
        try (TlsClient client = to(address)) {
            client.channel.closeFuture().sync();
            return client.heard();
        }
    }

    private final class Ear extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
            said = new Said(said.text + bytes.toString(US_ASCII), said.closeNotify, said.trouble);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslCloseCompletionEvent closed) {
                said = new Said(said.text, closed.isSuccess(), said.trouble);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            said = new Said(said.text, said.closeNotify, cause.toString());
        }
    }

    void say(String text) {
        channel.writeAndFlush(Unpooled.copiedBuffer(text, US_ASCII));
    }

    Said heard() {
        return said;
    }

    @Override
    public void close() {
        loop.shutdownGracefully(1, 5_000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }
}
