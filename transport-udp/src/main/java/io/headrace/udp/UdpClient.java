package io.headrace.udp;

import io.headrace.Client;
import io.headrace.CloseReason;
import io.headrace.DropReason;
import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.OpenEndpoint;
import io.headrace.Text;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A socket that is connected to one peer, and the questions to it that are open. */
final class UdpClient<I, O> implements Client<I, O>, Handler<I, O> {
    private static final Duration COARSEST = Duration.ofSeconds(1);
    private static final int MOST_QUESTIONS = 1_024;
    /** What question and answer have in common where nobody can tell. */
    private static final Object ANY = new Object();

    private final UdpOptions options;
    private final Correlation<? super I, ? super O> correlation;
    private final Consumer<? super I> consumer;
    private final int mostQuestions;
    private final AtomicInteger asking = new AtomicInteger();
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    // Set when it starts.
    private UdpSocket<I, O> socket;
    private SocketAddress address;
    private SocketAddress localAddress;
    // Event loop only.
    private final Map<Object, Question<I>> questions = new LinkedHashMap<>();
    private CloseReason reason = CloseReason.IO_ERROR;

    UdpClient(UdpOptions options, Correlation<? super I, ? super O> correlation, Consumer<? super I> consumer) {
        this.options = options;
        this.correlation = correlation;
        this.consumer = consumer;
        this.mostQuestions = correlation == null ? 1 : MOST_QUESTIONS;
    }

    void start(OpenEndpoint open, UdpSocket<I, O> connected) {
        socket = connected;
        address = connected.channel().remoteAddress();
        localAddress = connected.channel().localAddress();
        Runnable stopSweeping = connected.loop().onSweep(resolution(), this::sweep);
        connected.onFailure(this::failed);
        connected.channel().closeFuture().addListener(done -> {
            failAll(new ClosedChannelException());
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

    /** A tenth of the shortest wait. */
    private Duration resolution() {
        return Stream.concat(options.repeatAfter().stream(), Stream.of(options.answerTimeout()))
                .map(wait -> wait.dividedBy(10))
                .filter(tenth -> tenth.compareTo(COARSEST) < 0)
                .min(Comparator.naturalOrder())
                .orElse(COARSEST);
    }

    @Override
    public CompletionStage<I> ask(O message) {
        if (asking.incrementAndGet() > mostQuestions) {
            asking.decrementAndGet();
            ReferenceCountUtil.release(message);
            return CompletableFuture.failedStage(new IllegalStateException(tooMany()));
        }
        CompletableFuture<I> answer = new CompletableFuture<>();
        if (socket.lane().loop().eventLoop().inEventLoop()) {
            ask(message, answer);
        } else if (!socket.lane().execute(() -> ask(message, answer))) {
            ReferenceCountUtil.release(message);
            asking.decrementAndGet();
            answer.completeExceptionally(new ClosedChannelException());
        }
        return answer;
    }

    private String tooMany() {
        return correlation == null
                ? "ask: a question to " + Text.of(address) + " is open (expected: one at a time)"
                : "ask: " + mostQuestions + " questions to " + Text.of(address) + " are open (expected: fewer)";
    }

    private void ask(O message, CompletableFuture<I> answer) {
        Object encoded;
        Question<I> question;
        try {
            question = new Question<>(
                    key(message), answer, options, socket.lane().loop().nanoTime());
        } catch (Throwable fault) {
            ReferenceCountUtil.release(message);
            notAsked(answer, fault);
            return;
        }
        if (!socket.channel().isOpen()) {
            ReferenceCountUtil.release(message);
            notAsked(answer, new ClosedChannelException());
            return;
        }
        try {
            encoded = socket.lane().encode(message);
        } catch (Throwable fault) {
            notAsked(answer, fault);
            return;
        }
        questions.put(question.key, question);
        question.keep(encoded);
        transmit(question, encoded);
    }

    private Object key(O message) {
        if (correlation == null) {
            return ANY;
        }
        Object key = Objects.requireNonNull(correlation.ofQuestion(message), "ofQuestion: null (expected: a key)");
        if (questions.containsKey(key)) {
            throw new IllegalStateException(
                    "ask: a question with the key " + Text.escaped(key.toString()) + " is open (expected: none)");
        }
        return key;
    }

    private void transmit(Question<I> question, Object encoded) {
        DropReason obstacle = socket.ask(encoded, cause -> failed(question, cause));
        if (obstacle != null) {
            failed(question, new IOException("the question was dropped: " + obstacle.tag()));
        }
    }

    private void notAsked(CompletableFuture<I> answer, Throwable cause) {
        asking.decrementAndGet();
        answer.completeExceptionally(cause);
    }

    /** The answer to an open question; else something that nobody asked for. */
    @Override
    public void handle(I message, Exchange<O> exchange) {
        Object key = correlation == null ? ANY : correlation.ofAnswer(message);
        Question<I> asked = key == null ? null : questions.get(key);
        if (asked == null) {
            consumer.accept(message);
        } else {
            end(asked);
            if (!asked.answer.complete(ReferenceCountUtil.retain(message))) {
                ReferenceCountUtil.release(message); // Cancelled by who asked.
            }
        }
        exchange.consume();
    }

    @Override
    public boolean holdsExchange() {
        return false;
    }

    private void end(Question<I> question) {
        if (questions.remove(question.key, question)) {
            question.release();
            asking.decrementAndGet(); // Before it completes: what waits for the answer may ask again.
        }
    }

    /** It could not be sent, which is nobody else's fault. Who asks again may have more luck. */
    private void failed(Question<I> question, Throwable cause) {
        question.failed(readable(cause));
        if (options.repeatAfter().isEmpty()) {
            fail(question, question.failure());
        }
    }

    /** The system reported an error, and whose datagram it is about nobody knows; where nobody listens, none will be answered. */
    private void failed(Throwable cause) {
        Throwable readable = readable(cause);
        questions.values().forEach(question -> question.failed(readable));
        if (cause instanceof PortUnreachableException && options.repeatAfter().isEmpty()) {
            failAll(readable);
        }
    }

    private Throwable readable(Throwable cause) {
        if (!(cause instanceof IOException) || cause instanceof ClosedChannelException) {
            return cause;
        }
        String words = "to " + Text.of(address) + ": " + Text.words(cause);
        IOException readable = cause instanceof PortUnreachableException
                ? new PortUnreachableException(words)
                : new IOException(words);
        readable.initCause(cause);
        return readable;
    }

    private void failAll(Throwable cause) {
        List.copyOf(questions.values()).forEach(question -> fail(question, cause));
    }

    private void fail(Question<I> question, Throwable cause) {
        end(question);
        question.answer.completeExceptionally(cause);
    }

    private void sweep(long nowNs) {
        for (Question<I> question : List.copyOf(questions.values())) {
            long waitedNs = nowNs - socket.lane().loop().sweptNs(question.askedNs());
            if (question.answer.isDone()) { // Cancelled by who asked.
                end(question);
            } else if (question.late(waitedNs)) {
                lost(question);
            } else {
                repeat(question, waitedNs);
            }
        }
    }

    private void lost(Question<I> question) {
        end(question);
        socket.lane().watch().questionLost();
        TimeoutException timeout = new TimeoutException("no answer from " + Text.of(address) + " within "
                + options.answerTimeout().toMillis() + " ms"
                + (question.sent() == 1 ? "" : ", asked " + question.sent() + " times"));
        if (question.failure() != null) {
            timeout.initCause(question.failure());
        }
        question.answer.completeExceptionally(timeout);
    }

    private void repeat(Question<I> question, long waitedNs) {
        ByteBuf repetition = question.repetition(waitedNs);
        if (repetition != null) {
            socket.lane().watch().questionRepeated();
            transmit(question, repetition);
        }
    }

    @Override
    public boolean send(O message) {
        return socket.lane().send(address, message);
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        return closed.minimalCompletionStage();
    }

    @Override
    public void close() {
        try {
            socket.lane().loop().eventLoop().execute(() -> {
                reason = CloseReason.APPLICATION;
                socket.lane().close();
                socket.close();
            });
        } catch (RejectedExecutionException closedAlready) {
            // Its loops have ended since.
        }
    }
}
