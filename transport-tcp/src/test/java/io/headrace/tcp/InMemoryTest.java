package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.Client;
import io.headrace.Codec;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.contract.ContractTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the in-memory transport has of TCP. Handlers, sessions and the rest: see the tests that run on every medium. */
class InMemoryTest extends ContractTest {
    private static EventLoop one;
    private static EventLoop other;

    @Override
    protected Backend backend() {
        return Backend.NIO;
    }

    @BeforeAll
    static void twoLoops() {
        one = new DefaultEventLoop();
        other = new DefaultEventLoop();
    }

    @AfterAll
    static void endLoops() {
        one.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        other.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** The end of a stream, with what has happened on it. */
    private static final class End extends ChannelInboundHandlerAdapter {
        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            events.add("active");
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            events.add(((ByteBuf) message).toString(StandardCharsets.US_ASCII));
            ((ByteBuf) message).release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                events.add("end");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add(cause.getMessage());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            events.add("inactive");
        }

        void await(String... expected) {
            Awaitility.await().untilAsserted(() -> assertThat(events).containsExactly(expected));
        }
    }

    private final End near = new End();
    private final End far = new End();
    private InMemoryChannel client;
    private InMemoryChannel accepted;

    private InMemoryServerChannel listen(String name, int backlog, boolean autoRead) {
        InMemoryServerChannel server = new InMemoryServerChannel(
                InMemoryOptions.DEFAULTS.backlog(backlog).receiveBufferBytes(10));
        server.config().setAutoRead(autoRead);
        server.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object channel) {
                accepted = (InMemoryChannel) channel;
                accepted.pipeline().addLast(far);
                other.register(accepted);
            }
        });
        one.register(server).syncUninterruptibly();
        server.bind(new LocalAddress(name)).syncUninterruptibly();
        closing(() -> server.close().syncUninterruptibly());
        return server;
    }

    private InMemoryChannel connect(String name) throws Exception {
        InMemoryChannel channel = new InMemoryChannel(10);
        one.register(channel).syncUninterruptibly();
        closing(() -> channel.close().syncUninterruptibly());
        var connected = channel.connect(new LocalAddress(name)).awaitUninterruptibly();
        if (connected.cause() instanceof Exception refused) {
            throw refused;
        }
        return channel;
    }

    private void connectBoth() throws Exception {
        listen("both", 10, true);
        client = connect("both");
        client.pipeline().addLast(near);
        far.await("active");
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    @Test
    void nobodyListensUnderThatName() {
        assertThatThrownBy(() -> connect("nobody"))
                .isInstanceOf(ConnectException.class)
                .hasMessage("Connection refused");
    }

    @Test
    void theBacklogIsBounded() throws Exception {
        listen("busy", 2, false);
        connect("busy");
        connect("busy");
        assertThatThrownBy(() -> connect("busy")).isInstanceOf(ConnectException.class);
    }

    @Test
    void whoIsNeverAcceptedIsReset() throws Exception {
        InMemoryServerChannel server = listen("closing", 10, false);
        client = connect("closing");
        client.pipeline().addLast(near);
        server.close().syncUninterruptibly();
        near.await("Connection reset by peer", "inactive");
    }

    @Test
    void bytesHaveNoBoundaries() throws Exception {
        connectBoth();
        accepted.config().setAutoRead(false);
        client.write(bytes("one"));
        client.write(bytes("two"));
        client.flush();
        accepted.config().setAutoRead(true);
        await().untilAsserted(() -> assertThat(String.join("", far.events)).isEqualTo("activeonetwo"));
    }

    @Test
    void theWriterWaitsForTheReader() throws Exception {
        connectBoth();
        accepted.config().setAutoRead(false);
        accepted.eventLoop().submit(() -> {}).syncUninterruptibly();
        var first = client.writeAndFlush(bytes("0123456789"));
        var second = client.writeAndFlush(bytes("abc"));
        first.syncUninterruptibly();
        one.submit(() -> {}).syncUninterruptibly();
        assertThat(second.isDone()).isFalse();
        accepted.config().setAutoRead(true);
        second.syncUninterruptibly();
        await().untilAsserted(() -> assertThat(String.join("", far.events)).isEqualTo("active0123456789abc"));
    }

    @Test
    void theEndComesAfterTheBytesAndTheOtherWayGoesOn() throws Exception {
        connectBoth();
        client.writeAndFlush(bytes("bye"));
        client.shutdownOutput().syncUninterruptibly();
        far.await("active", "bye", "end");
        accepted.writeAndFlush(bytes("you too")).syncUninterruptibly();
        near.await("you too");
        assertThat(client.isOutputShutdown()).isTrue();
        assertThat(client.isInputShutdown()).isFalse();
        assertThat(accepted.isInputShutdown()).isTrue();
        assertThat(client.isActive()).isTrue();
    }

    @Test
    void aCloseIsTheEndOfTheOtherSidesInput() throws Exception {
        connectBoth();
        client.close().syncUninterruptibly();
        far.await("active", "end");
        assertThat(accepted.isActive()).isTrue();
        assertThat(accepted.writeAndFlush(bytes("too late"))
                        .awaitUninterruptibly()
                        .cause())
                .isInstanceOf(IOException.class);
        far.await("active", "end", "inactive");
    }

    @Test
    void aCloseWithInputUnreadResetsTheOtherSide() throws Exception {
        connectBoth();
        client.config().setAutoRead(false);
        one.submit(() -> {}).syncUninterruptibly();
        accepted.config().setAutoRead(false);
        other.submit(() -> {}).syncUninterruptibly();
        client.writeAndFlush(bytes("there")).syncUninterruptibly();
        accepted.writeAndFlush(bytes("unread")).syncUninterruptibly();
        client.close().syncUninterruptibly();
        accepted.config().setAutoRead(true);
        far.await("active", "there", "Connection reset by peer", "inactive");
    }

    @Test
    void onlyBuffersCanBeWritten() throws Exception {
        connectBoth();
        assertThat(client.writeAndFlush("text").awaitUninterruptibly().cause())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("message: java.lang.String (expected: a buffer)");
    }

    @Test
    void aNameIsFreeAgainWhenItsServerHasStopped() throws Exception {
        for (int i = 0; i < 3; i++) {
            Server server = start(InMemory.listen("again").loops(loops).reply(bytes -> bytes));
            assertThatThrownBy(() -> start(InMemory.listen("again").loops(loops).reply(bytes -> bytes)))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessage("cannot start in-memory endpoint 'in-memory-again' on again: Address already in use");
            server.stop(PATIENCE).get(10, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void itRunsOnAnyLoopsAndBetweenThem(Backend backend) throws Exception {
        Server server = start(InMemory.listen("loops")
                .loops(loops)
                .with(Framing.lines())
                .codec(Codec.utf8())
                .reply(message -> message + " back"));
        Client<String, String> client = closing(InMemory.connect("loops")
                .loops(Loops.of(backend).threads(1).clock(clock))
                .with(Framing.lines())
                .codec(Codec.utf8())
                .start());
        for (int i = 0; i < 100; i++) {
            assertThat(client.ask("" + i).toCompletableFuture().get(10, TimeUnit.SECONDS))
                    .isEqualTo(i + " back");
        }
        assertThat(server.address()).hasToString("local:loops");
        client.close();
        client.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
