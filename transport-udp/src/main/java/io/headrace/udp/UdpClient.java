package io.headrace.udp;

import io.headrace.Client;
import io.headrace.CloseReason;
import io.headrace.DropReason;
import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.OpenEndpoint;
import io.headrace.Text;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A socket that is connected to one peer, and the one question to it that may be open. */
final class UdpClient<I, O> implements Client<I, O>, Handler<I, O> {
    private static final Duration COARSEST = Duration.ofSeconds(1);

    private final Duration answerTimeout;
    private final Consumer<? super I> consumer;
    private final AtomicBoolean asking = new AtomicBoolean();
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    // Set when it starts.
    private UdpSocket<I, O> socket;
    private SocketAddress address;
    private SocketAddress localAddress;
    // Event loop only.
    private CompletableFuture<I> question;
    private long askedNs;
    private CloseReason reason = CloseReason.IO_ERROR;

    UdpClient(Duration answerTimeout, Consumer<? super I> consumer) {
        this.answerTimeout = answerTimeout;
        this.consumer = consumer;
    }

    void start(OpenEndpoint open, UdpSocket<I, O> connected) {
        socket = connected;
        address = connected.channel().remoteAddress();
        localAddress = connected.channel().localAddress();
        Duration tenth = answerTimeout.dividedBy(10);
        Runnable stopSweeping =
                connected.loop().onSweep(tenth.compareTo(COARSEST) < 0 ? tenth : COARSEST, this::lookWhetherLate);
        connected.onFailure(this::fail);
        connected.channel().closeFuture().addListener(done -> {
            fail(new ClosedChannelException());
            stopSweeping.run();
            open.close();
            closed.complete(reason);
        });
        connected.read();
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public CompletionStage<I> ask(O message) {
        if (!asking.compareAndSet(false, true)) {
            ReferenceCountUtil.release(message);
            return CompletableFuture.failedStage(new IllegalStateException(
                    "ask: a question to " + Text.of(address) + " is open (expected: one at a time)"));
        }
        CompletableFuture<I> answer = new CompletableFuture<>();
        if (socket.loop().eventLoop().inEventLoop()) {
            ask(message, answer);
        } else if (!socket.execute(() -> ask(message, answer))) {
            ReferenceCountUtil.release(message);
            asking.set(false);
            answer.completeExceptionally(new ClosedChannelException());
        }
        return answer;
    }

    private void ask(O message, CompletableFuture<I> answer) {
        question = answer;
        askedNs = socket.loop().nanoTime();
        if (!socket.channel().isOpen()) {
            ReferenceCountUtil.release(message);
            fail(new ClosedChannelException());
            return;
        }
        Object encoded;
        try {
            encoded = socket.encode(message);
        } catch (Throwable fault) {
            fail(fault);
            return;
        }
        DropReason obstacle = socket.transmit(address, encoded);
        if (obstacle != null) {
            fail(new IOException("the question to " + Text.of(address) + " was dropped: " + obstacle.tag()));
        }
    }

    /** The answer, if a question is open; else something that nobody asked for. */
    @Override
    public void handle(I message, Exchange<O> exchange) {
        CompletableFuture<I> asked = takeQuestion();
        if (asked == null) {
            consumer.accept(message);
        } else if (!asked.complete(ReferenceCountUtil.retain(message))) {
            ReferenceCountUtil.release(message); // Cancelled by who asked.
        }
        exchange.consume();
    }

    @Override
    public boolean holdsExchange() {
        return false;
    }

    private CompletableFuture<I> takeQuestion() {
        CompletableFuture<I> asked = question;
        if (asked != null) {
            question = null;
            asking.set(false); // Before it completes: what waits for the answer may ask again.
        }
        return asked;
    }

    private void fail(Throwable cause) {
        CompletableFuture<I> asked = takeQuestion();
        if (asked != null) {
            asked.completeExceptionally(cause);
        }
    }

    private void lookWhetherLate(long nowNs) {
        if (question != null && nowNs - askedNs >= answerTimeout.toNanos()) {
            fail(new TimeoutException(
                    "no answer from " + Text.of(address) + " within " + answerTimeout.toMillis() + " ms"));
        }
    }

    @Override
    public boolean send(O message) {
        return socket.send(address, message);
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        return closed.minimalCompletionStage();
    }

    @Override
    public void close() {
        try {
            socket.loop().eventLoop().execute(() -> {
                reason = CloseReason.APPLICATION;
                socket.close();
            });
        } catch (RejectedExecutionException closedAlready) {
            // Its loops have ended since.
        }
    }
}
