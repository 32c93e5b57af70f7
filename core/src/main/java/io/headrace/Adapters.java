package io.headrace;

import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/** The ways to write a handler that say less than {@link Handler}, each turned into one. */
final class Adapters {

    private Adapters() {}

    /** A handler that always ends its exchange before it returns, and lets nobody hold it. */
    private interface Prompt<I, O> extends Handler<I, O> {
        @Override
        default boolean holdsExchange() {
            return false;
        }
    }

    static <I, O> Application<I, O> reply(Function<? super I, ? extends O> function) {
        Prompt<I, O> handler = (message, exchange) -> exchange.reply(function.apply(message));
        return Application.of(handler);
    }

    static <I, O> Application<I, O> consume(Consumer<? super I> consumer) {
        Prompt<I, O> handler = (message, exchange) -> {
            consumer.accept(message);
            exchange.consume();
        };
        return Application.of(handler);
    }

    static <I, O> Application<I, O> replyAsync(Function<? super I, ? extends CompletionStage<? extends O>> function) {
        return Application.of((message, exchange) -> {
            // The function may still read the message on another thread when a deadline has already ended the exchange.
            ReferenceCountUtil.retain(message);
            CompletionStage<? extends O> answer;
            try {
                answer = Objects.requireNonNull(
                        function.apply(message), "replyAsync: null (expected: a CompletionStage)");
            } catch (Throwable failure) {
                ReferenceCountUtil.release(message);
                throw failure;
            }
            answer.whenComplete((reply, failure) -> {
                if (failure == null) {
                    exchange.reply(reply);
                } else {
                    exchange.fail(failure);
                }
                ReferenceCountUtil.release(message);
            });
        });
    }

    static <I, O> Application<I, O> onConnect(Consumer<? super Connection<O>> consumer) {
        Prompt<I, O> ignore = (message, exchange) -> exchange.consume();
        return new Application<>(ignore, connection -> new Greeting<>(connection, consumer), false);
    }

    static <I, O> Application<I, O> sessions(Function<? super Connection<O>, ? extends Session<? super I>> sessions) {
        Prompt<I, O> handler = (message, exchange) -> {
            ((SessionHolder) exchange.peer()).<I>session().received(message);
            exchange.consume();
        };
        return new Application<>(handler, sessions, true, Application.Turns.ONE_BY_ONE);
    }

    static <I, O> Application<I, O> converse(Script<I, O> script) {
        Handler<I, O> handler = (message, exchange) ->
                Adapters.<I, O>conversation(exchange.peer()).received(message, exchange);
        return new Application<>(handler, connection -> new LiveConversation<>(connection, script), true);
    }

    @SuppressWarnings("unchecked") // The session is what converse made for this very endpoint.
    private static <I, O> LiveConversation<I, O> conversation(Peer<O> peer) {
        Session<I> session = ((SessionHolder) peer).session();
        return (LiveConversation<I, O>) session;
    }

    /** Speaks to who connects and does not listen. */
    private record Greeting<I, O>(Connection<O> connection, Consumer<? super Connection<O>> consumer)
            implements Session<I> {
        @Override
        public void opened() {
            consumer.accept(connection);
        }

        @Override
        public void received(I message) {}

        @Override
        public boolean peerFinished() {
            return false; // The peer has no more to say; it may still listen.
        }
    }
}
