package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveConversationTest {
    private final TestLoop loop = new TestLoop();
    private final Owner owner = new Owner();
    private final FakeConnection connection = new FakeConnection();
    private final CompletableFuture<Void> script = new CompletableFuture<>();

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    /** Opens the connection; its script runs on a thread of its own. */
    private void converse(Script<Object, Object> body) {
        Application<Object, Object> application = Adapters.converse(talk -> {
            try {
                body.run(talk);
                script.complete(null);
            } catch (Throwable failure) {
                script.completeExceptionally(failure);
                throw failure;
            }
        });
        connection.open(application, loop.open(application, null), owner);
        onLoop(Session::opened);
    }

    private interface Event {
        void happens(Session<Object> session) throws Exception;
    }

    private void onLoop(Event event) {
        loop.call(() -> {
            event.happens(connection.session());
            return null;
        });
    }

    private void receive(Object... messages) {
        loop.run(() -> {
            for (Object message : messages) {
                connection.exchanges().received(message);
            }
        });
    }

    /** The connection breaks, as far as the loop is concerned. */
    private void end(CloseReason reason) {
        connection.ended = true;
        loop.run(() -> connection.exchanges().abandon());
        onLoop(session -> session.closed(reason));
    }

    private void awaitScript() throws Exception {
        script.get(10, TimeUnit.SECONDS);
        loop.settle();
    }

    // ---- receive

    @Test
    void messagesAreReceivedInOrder() throws Exception {
        List<Object> seen = new CopyOnWriteArrayList<>();
        converse(talk -> {
            seen.add(talk.receive());
            seen.add(talk.receive());
        });
        receive("a", "b");
        awaitScript();
        assertThat(seen).containsExactly("a", "b");
    }

    @Test
    void anExchangeIsOpenUntilTheScriptAsksForTheNextMessage() throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        converse(talk -> {
            talk.receive();
            received.countDown();
            goOn.await();
            talk.receive();
        });
        receive("a");
        received.await();
        assertThat(loop.call(() -> connection.exchanges().open())).isEqualTo(1);
        goOn.countDown();
        await().until(() -> loop.call(() -> connection.exchanges().open()) == 0);
        receive("b");
        awaitScript();
    }

    @Test
    void receiveGivesNullWhenThePeerHasFinished() throws Exception {
        List<Object> seen = new CopyOnWriteArrayList<>();
        converse(talk -> {
            for (Object message; (message = talk.receive()) != null; ) {
                seen.add(message);
            }
        });
        receive("a", "b");
        onLoop(Session::peerFinished);
        awaitScript();
        assertThat(seen).containsExactly("a", "b");
    }

    @Test
    void receiveGivesNullWhenTheServerDrains() throws Exception {
        converse(talk -> assertThat(talk.receive()).isNull());
        onLoop(Session::draining);
        awaitScript();
    }

    @Test
    void receiveGivesNullAgainAfterTheEnd() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        converse(talk -> {
            assertThat(talk.receive()).isNull();
            late.await();
            assertThat(talk.receive()).isNull();
        });
        onLoop(Session::draining);
        receive("after the end");
        late.countDown();
        awaitScript();
    }

    @Test
    void theConversationGoesOnWhileThePeerHasFinishedOrTheServerDrains() {
        converse(Conversation::receive);
        onLoop(session -> assertThat(session.peerFinished()).isFalse());
        onLoop(session -> assertThat(session.draining()).isFalse());
    }

    @Test
    void receiveThrowsOnABrokenConnection() {
        converse(Conversation::receive);
        end(CloseReason.PEER_RESET);
        assertThatThrownBy(this::awaitScript)
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessage("connection to peer:1 has ended: peer_reset");
    }

    @Test
    void receiveGivesNullWhenTheConnectionEndedAsItShould() throws Exception {
        converse(talk -> assertThat(talk.receive()).isNull());
        end(CloseReason.PEER_FINISHED);
        awaitScript();
    }

    // ---- the end of the script

    @Test
    void theConnectionClosesWhenTheScriptReturns() throws Exception {
        converse(talk -> {});
        awaitScript();
        await().until(() -> connection.closes.equals(List.of(CloseReason.APPLICATION)));
    }

    @Test
    void aScriptThatThrowsFailsTheConnection() {
        converse(talk -> {
            throw new IllegalStateException("on purpose");
        });
        await().until(() -> connection.failures.size() == 1);
        assertThat(connection.failures.get(0)).hasMessage("on purpose");
    }

    @Test
    void aScriptThatMeetsABrokenConnectionHasNotFailed() {
        converse(Conversation::receive);
        end(CloseReason.PEER_RESET);
        await().until(() -> !connection.closes.isEmpty());
        assertThat(connection.failures).isEmpty();
    }

    @Test
    void aScriptThatCannotSendBecauseTheConnectionEndsHasNotFailed() {
        connection.ended = true;
        converse(talk -> talk.send("a"));
        await().until(() -> !connection.closes.isEmpty());
        assertThat(connection.failures).isEmpty();
        assertThat(script).isCompletedExceptionally();
    }

    @Test
    void messagesThatTheScriptDidNotTakeAreReleased() throws Exception {
        ByteBuf message = Buffers.of("a");
        CountDownLatch goOn = new CountDownLatch(1);
        converse(talk -> goOn.await());
        receive(message);
        goOn.countDown();
        awaitScript();
        await().until(() -> message.refCnt() == 0);
    }

    @Test
    void messagesThatComeAfterTheScriptAreReleasedWithTheConnection() throws Exception {
        ByteBuf message = Buffers.of("a");
        converse(talk -> {});
        awaitScript();
        await().until(() -> !connection.closes.isEmpty());
        receive(message);
        end(CloseReason.APPLICATION);
        await().until(() -> message.refCnt() == 0);
    }

    // ---- buffers

    @Test
    void aBufferStaysReadableUntilTheNextReceiveWhateverEnds() throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        ByteBuf message = Buffers.of("a");
        List<String> read = new CopyOnWriteArrayList<>();
        converse(talk -> {
            ByteBuf bytes = (ByteBuf) talk.receive();
            received.countDown();
            ended.await();
            read.add(bytes.toString(StandardCharsets.UTF_8));
        });
        receive(message);
        received.await();
        end(CloseReason.PEER_RESET);
        ended.countDown();
        awaitScript();
        assertThat(read).containsExactly("a");
        await().until(() -> message.refCnt() == 0);
    }

    @Test
    void theBufferItselfMayBeSent() throws Exception {
        ByteBuf message = Buffers.of("echo");
        converse(talk -> {
            talk.send(talk.receive());
            talk.receive();
        });
        receive(message, "b");
        awaitScript();
        assertThat(connection.sent).containsExactly("echo");
        await().until(() -> message.refCnt() == 0);
    }

    @Test
    void theBufferItselfMayBeSentWhenTheConnectionHasEnded() throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        ByteBuf message = Buffers.of("echo");
        converse(talk -> {
            Object echo = talk.receive();
            received.countDown();
            ended.await();
            talk.send(echo);
        });
        receive(message);
        received.await();
        end(CloseReason.PEER_RESET);
        ended.countDown();
        assertThatThrownBy(this::awaitScript).cause().isInstanceOf(IOException.class);
        await().until(() -> message.refCnt() == 0);
    }

    @Test
    void anInterruptedReceiveReleasesTheBufferOnce() throws Exception {
        ByteBuf message = Buffers.of("a");
        converse(talk -> {
            talk.receive();
            Thread.currentThread().interrupt();
            talk.receive();
        });
        receive(message);
        assertThatThrownBy(this::awaitScript).cause().isInstanceOf(InterruptedException.class);
        await().until(() -> message.refCnt() == 0);
        await().until(() -> connection.failures.size() == 1);
        assertThat(connection.failures.get(0)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void anInterruptedSendReleasesItsMessage() {
        ByteBuf message = Buffers.of("a");
        connection.writable = false;
        converse(talk -> {
            Thread.currentThread().interrupt();
            talk.send(message);
        });
        await().until(() -> message.refCnt() == 0);
    }

    // ---- send

    @Test
    void sendWaitsWhileThePeerDoesNotRead() throws Exception {
        connection.writable = false;
        converse(talk -> talk.send("a"));
        await().until(() -> connection.waiting.size() == 1);
        assertThatThrownBy(() -> script.get(50, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        connection.writable = true;
        connection.waiting.get(0).run();
        awaitScript();
        assertThat(connection.sent).containsExactly("a");
    }

    @Test
    void aFastScriptWaitsForTheLoopNowAndThen() throws Exception {
        converse(talk -> {
            for (int i = 1; i <= 200; i++) {
                talk.send("m" + i);
            }
        });
        awaitScript();
        assertThat(connection.sent).hasSize(200);
        assertThat(connection.barriers).isEqualTo(3);
    }
}
