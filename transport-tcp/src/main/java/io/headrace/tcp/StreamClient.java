package io.headrace.tcp;

import io.headrace.Application;
import io.headrace.CannotStartException;
import io.headrace.Client;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Handler;
import io.headrace.OpenEndpoint;
import io.headrace.OpenLoop;
import io.headrace.Plan;
import io.headrace.Text;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/** A stream that we opened: one connection, and the questions that wait for answers on it. */
final class StreamClient<I, O> implements Client<I, O> {
    /** Questions that may wait for their answers at a time. */
    private static final int MAX_OPEN_QUESTIONS = 128;

    private final OpenEndpoint endpoint;
    private final OpenLoop loop;
    private final Sockets<?> sockets;
    private final Questions<I> questions;
    private final StreamLoop<I, O> streams;
    private final Entrance entrance;
    private StreamConnection<I, O> connection;

    private StreamClient(OpenEndpoint endpoint, Sockets<?> sockets, Questions<I> questions) {
        this.endpoint = endpoint;
        this.loop = endpoint.nextLoop();
        this.sockets = sockets;
        this.questions = questions;
        this.entrance = new Entrance(List.of(), endpoint.reports()); // Nobody arrives.
        this.streams = new StreamLoop<>(endpoint, loop, entrance);
    }

    static <I, O> Client<I, O> connect(Plan<DuplexChannel, I, O> plan, Sockets<?> sockets, Application<I, O> unasked) {
        Questions<I> questions = new Questions<>();
        OpenEndpoint endpoint = plan.open(questions.before(unasked));
        try {
            if (endpoint.openLoops().stream().anyMatch(loop -> loop.eventLoop().inEventLoop())) {
                throw new IllegalStateException("thread: an event loop (expected: one that may block)");
            }
            return new StreamClient<I, O>(endpoint, sockets, questions).connected();
        } catch (Exception cause) {
            endpoint.close();
            throw cause instanceof RuntimeException already
                    ? already
                    : new CannotStartException("cannot connect to " + sockets.address() + ": " + words(cause), cause);
        }
    }

    private static String words(Exception cause) {
        if (cause instanceof FileNotFoundException) { // Which is all that Netty's natives say.
            return "No such file or directory";
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        int end = message.indexOf(": /"); // Netty adds the address, which we have said.
        return (end < 0 ? message : message.substring(0, end))
                .replaceFirst("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ", "");
    }

    private Client<I, O> connected() throws Exception {
        Exception last = null;
        for (SocketAddress address : sockets.resolve(endpoint.backend())) {
            try {
                connect(address);
                connection.closed().thenRun(this::ended);
                return this;
            } catch (IOException | ChannelException | UnsupportedAddressTypeException refused) {
                last = refused;
            }
        }
        throw last;
    }

    private void connect(SocketAddress address) throws Exception {
        DuplexChannel channel = sockets.client(endpoint.backend());
        try {
            connect(channel, address);
        } catch (Throwable failure) { // Netty leaves a channel open that could not connect.
            if (channel.isRegistered()) {
                channel.close();
            } else {
                channel.unsafe().closeForcibly();
            }
            throw failure;
        }
    }

    private void connect(DuplexChannel channel, SocketAddress address) throws Exception {
        EventLoop eventLoop = loop.eventLoop();
        long timeoutMs =
                Math.max(1, Math.min(Integer.MAX_VALUE, sockets.connectTimeout().toMillis()));
        channel.config().setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeoutMs);
        connection = new StreamConnection<>(channel, streams, null, OpenLoop.nextConnectionId(), loop.nanoTime());
        entrance.came();
        eventLoop
                .submit(() -> {
                    sockets.prepare(channel);
                    connection.lay();
                })
                .syncUninterruptibly();
        StreamListener.require(eventLoop.register(channel));
        StreamListener.require(channel.connect(address));
        if (address.equals(channel.localAddress())) {
            // A port of our own range, with nobody listening, can meet itself (simultaneous open, RFC 9293, 3.5).
            throw new ConnectException("connected to itself");
        }
    }

    /** Event loop only. */
    private void ended() {
        connection.closed().thenAccept(reason -> questions.fail(ended(reason)));
        endpoint.close();
    }

    private IOException ended(CloseReason reason) {
        return new IOException(
                "connection to " + sockets.address() + " has ended" + (reason == null ? "" : ": " + reason.tag()));
    }

    @Override
    public CompletionStage<I> ask(O question) {
        CompletableFuture<I> answer = new CompletableFuture<>();
        if (loop.eventLoop().inEventLoop()) {
            ask(question, answer);
            return answer;
        }
        try {
            loop.eventLoop().execute(() -> ask(question, answer));
        } catch (RejectedExecutionException loopsAreGone) {
            ReferenceCountUtil.release(question);
            answer.completeExceptionally(ended(null));
        }
        return answer;
    }

    private void ask(O question, CompletableFuture<I> answer) {
        if (!questions.add(answer, MAX_OPEN_QUESTIONS)) {
            ReferenceCountUtil.release(question);
            answer.completeExceptionally(new IOException("questions: " + MAX_OPEN_QUESTIONS
                    + " wait for their answers (expected: fewer, before the next one)"));
        } else if (!connection.send(question)) {
            questions.remove(answer);
            answer.completeExceptionally(new IOException("connection to " + sockets.address() + " takes no more"));
        }
    }

    @Override
    public boolean send(O message) {
        return connection.send(message);
    }

    @Override
    public SocketAddress address() {
        return connection.address();
    }

    @Override
    public SocketAddress localAddress() {
        return connection.localAddress();
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        return connection.closed();
    }

    @Override
    public void close() {
        connection.close();
    }

    @Override
    public String toString() {
        return "client of " + Text.of(address());
    }

    /** Questions in the order in which they were asked. Event loop only. */
    private static final class Questions<I> {
        private final Queue<CompletableFuture<I>> open = new ArrayDeque<>();

        boolean add(CompletableFuture<I> answer, int max) {
            return open.size() < max && open.add(answer);
        }

        void remove(CompletableFuture<I> answer) {
            open.remove(answer);
        }

        void fail(IOException cause) {
            for (CompletableFuture<I> answer; (answer = open.poll()) != null; ) {
                answer.completeExceptionally(cause);
            }
        }

        /** An application that gives each message to the oldest question, and to {@code unasked} when there is none. */
        <O> Application<I, O> before(Application<I, O> unasked) {
            Handler<I, O> handler = (message, exchange) -> {
                CompletableFuture<I> oldest = open.poll();
                if (oldest != null) {
                    ReferenceCountUtil.retain(message); // It belongs to whoever asked, who may have given up.
                    if (!oldest.complete(message)) {
                        ReferenceCountUtil.release(message);
                    }
                    exchange.consume();
                } else if (unasked != null) {
                    unasked.handler().handle(message, exchange);
                } else {
                    ((Connection<O>) exchange.peer()).close(CloseReason.MESSAGE_UNEXPECTED);
                    exchange.consume();
                }
            };
            return new Application<>(handler, unasked == null ? null : unasked.sessions(), true);
        }
    }
}
