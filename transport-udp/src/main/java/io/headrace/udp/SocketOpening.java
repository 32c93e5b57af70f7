package io.headrace.udp;

import io.headrace.OpenEndpoint;
import io.headrace.OpenLoop;
import io.headrace.UnixPath;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A socket on its way from a channel that knows nothing to one that is bound, with its line laid. Any thread but the loop's own. */
final class SocketOpening {
    /** One queue serves every peer, so it may be as long as the longest of one stream. */
    private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(512 * 1_024, 1_024 * 1_024);

    private static final int PATIENCE_S = 10;

    private final OpenEndpoint endpoint;
    private final OpenLoop loop;
    private final UdpOptions options;
    private final Channel channel;
    private final InetAddress address; // Its own or its peer's; null for a path.

    private SocketOpening(OpenEndpoint endpoint, UdpOptions options, Channel channel, InetAddress address) {
        this.endpoint = endpoint;
        this.loop = endpoint.nextLoop();
        this.options = options;
        this.channel = channel;
        this.address = address;
    }

    /** A socket that is bound and does not read yet. */
    static <I, O> UdpSocket<I, O> bind(OpenEndpoint endpoint, UdpOptions options, InetSocketAddress local)
            throws IOException, InterruptedException {
        Channel channel = UdpBackend.channel(endpoint.backend(), local.getAddress());
        return new SocketOpening(endpoint, options, channel, local.getAddress()).open(null, () -> channel.bind(local));
    }

    /** A socket that exchanges datagrams with this peer only, and does not read yet. */
    static <I, O> UdpSocket<I, O> connect(OpenEndpoint endpoint, UdpOptions options, InetSocketAddress peer)
            throws IOException, InterruptedException {
        Channel channel = UdpBackend.channel(endpoint.backend(), peer.getAddress());
        return new SocketOpening(endpoint, options, channel, peer.getAddress()).open(peer, () -> channel.connect(peer));
    }

    /** A Unix socket at this path, which only its owner may write to. */
    static <I, O> UdpSocket<I, O> bind(OpenEndpoint endpoint, UdpOptions options, UnixPath local)
            throws IOException, InterruptedException {
        Channel channel = UdpBackend.unixChannel(endpoint.backend());
        return new SocketOpening(endpoint, options, channel, null).open(null, () -> bind(channel, local));
    }

    private static Future<?> bind(Channel channel, UnixPath local) throws IOException {
        UdpBackend.bornWith(channel, local.permissions());
        UnixPath.Claim claim = local.claimInPlace(path -> await(() -> channel.bind(UdpBackend.unixAddress(path))));
        channel.pipeline().addFirst("headrace-path", new PathRelease(claim));
        return channel.newSucceededFuture();
    }

    /** Gives the path up before the channel closes. */
    private static final class PathRelease extends ChannelOutboundHandlerAdapter {
        private final UnixPath.Claim claim;

        PathRelease(UnixPath.Claim claim) {
            this.claim = claim;
        }

        @Override
        public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
            claim.release();
            ctx.close(promise);
        }
    }

    /** A Unix socket at the path {@code own}, or at none, that sends to this peer only. */
    static <I, O> UdpSocket<I, O> connect(OpenEndpoint endpoint, UdpOptions options, UnixPath peer, UnixPath own)
            throws IOException, InterruptedException {
        SocketAddress address = UdpBackend.unixAddress(peer.path());
        Channel channel = UdpBackend.unixChannel(endpoint.backend());
        SocketOpening opening = new SocketOpening(endpoint, options, channel, null);
        return opening.open(address, () -> {
            if (own != null) {
                bind(channel, own);
            }
            return channel.connect(address);
        });
    }

    private interface Step {
        Future<?> begin() throws IOException, InterruptedException;
    }

    private <I, O> UdpSocket<I, O> open(SocketAddress onlyPeer, Step last) throws IOException, InterruptedException {
        boolean open = false;
        try {
            configure(channel.config());
            UdpSocket<I, O> socket = new UdpSocket<>(endpoint, loop, options, channel, onlyPeer);
            await(() -> loop.eventLoop().submit(() -> lay(socket)));
            await(() -> loop.eventLoop().register(channel));
            socket.joinLanes();
            await(last);
            for (MulticastGroup group : options.groups()) {
                await(Membership.of(group).join((DatagramChannel) channel));
            }
            if (options.changingGroups() != null) {
                await(options.changingGroups().add((DatagramChannel) channel));
            }
            open = true;
            return socket;
        } finally {
            if (!open) {
                abort();
            }
        }
    }

    private void configure(ChannelConfig config) throws IOException {
        config.setAutoRead(false);
        config.setAllocator(PooledByteBufAllocator.DEFAULT);
        config.setWriteBufferWaterMark(MARKS);
        if (options.receiveBufferBytes() > 0) {
            config.setOption(ChannelOption.SO_RCVBUF, options.receiveBufferBytes());
        }
        if (options.sendBufferBytes() > 0) {
            config.setOption(ChannelOption.SO_SNDBUF, options.sendBufferBytes());
        }
        if (options.sharesPort()) {
            UdpBackend.sharePort(channel);
        }
        if (options.asksLocalAddresses()) {
            UdpBackend.localAddresses(channel, address);
        }
        if (options.mayBroadcast()) {
            config.setOption(ChannelOption.SO_BROADCAST, true);
        }
        if (options.reusesAddress()) {
            config.setOption(ChannelOption.SO_REUSEADDR, true);
        }
        if (options.trafficClass() > 0) {
            config.setOption(ChannelOption.IP_TOS, options.trafficClass());
        }
        if (options.timeToLive() > 0) {
            UdpBackend.timeToLive(channel, address, options.timeToLive());
        }
        if (options.multicastTimeToLive() > 0) {
            UdpBackend.multicastTimeToLive(channel, address, options.multicastTimeToLive());
        }
        if (options.multicastInterface() != null) {
            config.setOption(ChannelOption.IP_MULTICAST_IF, MulticastGroup.named(options.multicastInterface()));
        }
        UdpBackend.receiveUpTo(channel, options.maxDatagramBytes(), options.offloadsReceiving());
    }

    private void lay(UdpSocket<?, ?> socket) {
        ChannelPipeline pipeline = channel.pipeline();
        UdpLine line = new UdpLine(pipeline, loop.watch(), endpoint.reports());
        loop.install(channel, line);
        SocketEnd end = new SocketEnd(
                channel, socket.connected(), options.maxDatagramBytes(), line, endpoint.reports(), socket);
        if (line.handlers()) {
            pipeline.addFirst("headrace-socket", end);
        }
        pipeline.addLast("headrace-exchanges", socket);
        socket.laid(line, end);
    }

    private static void await(Step step) throws IOException, InterruptedException {
        Future<?> done = step.begin();
        if (!done.await(PATIENCE_S, TimeUnit.SECONDS)) {
            throw blocked();
        }
        done.sync();
    }

    private static void await(CompletableFuture<Void> done) throws IOException, InterruptedException {
        try {
            done.get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause().getMessage(), failed.getCause());
        } catch (TimeoutException late) {
            throw blocked();
        }
    }

    private static IOException blocked() {
        return new IOException("its event loop has not answered for " + PATIENCE_S + " s");
    }

    private void abort() throws InterruptedException {
        if (channel.isRegistered()) {
            channel.close()
                    .await(PATIENCE_S, TimeUnit.SECONDS); // The port is free when the caller hears of the failure.
        } else {
            channel.unsafe().closeForcibly();
        }
    }
}
