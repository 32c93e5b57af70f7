package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions whose endpoint has workers. */
class WorkingSessionTest {
    private final TestGate gate = new TestGate();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final List<String> threads = new CopyOnWriteArrayList<>();
    private boolean goesOn;
    private TestEndpoint endpoint;

    @AfterEach
    void stop() {
        gate.open();
        if (endpoint != null) {
            endpoint.close();
        }
    }

    private final class Writing implements Session<Object> {

        private void note(String what) {
            seen.add(what);
            threads.add(Thread.currentThread().getName());
        }

        @Override
        public void opened() throws Exception {
            gate.await();
            note("opened");
        }

        @Override
        public void received(Object message) {
            note("received " + message);
            if (message.equals("bad")) {
                throw new IllegalStateException("on purpose");
            }
        }

        @Override
        public boolean peerFinished() {
            note("peer finished");
            return !goesOn;
        }

        @Override
        public boolean draining() {
            note("draining");
            return !goesOn;
        }

        @Override
        public void closed(CloseReason reason) {
            note("closed " + reason);
        }
    }

    private TestEndpoint.Line open(Workers workers) {
        endpoint = TestEndpoint.of(Adapters.sessions(connection -> new Writing()), workers);
        TestEndpoint.Line line = endpoint.line();
        tell(line, Session::opened);
        return line;
    }

    private interface Event {
        void happens(Session<Object> session) throws Exception;
    }

    private void tell(TestEndpoint.Line line, Event event) {
        endpoint.call(() -> {
            event.happens(line.connection.session());
            return null;
        });
    }

    @Test
    void everyMethodRunsOnAWorkerInTheOrderOfEvents() {
        TestEndpoint.Line line = open(Workers.perConnection());
        line.receive("1", "2");
        tell(line, Session::peerFinished);
        tell(line, Session::draining);
        tell(line, session -> session.closed(CloseReason.PEER_FINISHED));
        gate.open();
        await().untilAsserted(() -> assertThat(seen)
                .containsExactly(
                        "opened", "received 1", "received 2", "peer finished", "draining", "closed PEER_FINISHED"));
        assertThat(threads).allMatch(name -> name.startsWith("test-worker"));
    }

    @Test
    void aSessionThatIsDoneClosesItsConnectionForThatReason() {
        TestEndpoint.Line line = open(Workers.perConnection());
        gate.open();
        tell(line, session -> assertThat(session.peerFinished()).isFalse());
        await().untilAsserted(() -> assertThat(line.connection.closes).containsExactly(CloseReason.PEER_FINISHED));
        tell(line, session -> assertThat(session.draining()).isFalse());
        await().untilAsserted(() ->
                assertThat(line.connection.closes).containsExactly(CloseReason.PEER_FINISHED, CloseReason.DRAINED));
    }

    @Test
    void aSessionThatGoesOnStaysOpen() {
        goesOn = true;
        TestEndpoint.Line line = open(Workers.perConnection());
        gate.open();
        tell(line, Session::draining);
        await().until(() -> seen.contains("draining"));
        assertThat(line.connection.closes).isEmpty();
    }

    @Test
    void whatWaitsWhenTheConnectionEndsIsNotReceivedAnyMore() {
        TestEndpoint.Line line = open(Workers.perConnection());
        ByteBuf message = Buffers.of("1");
        line.receive(message);
        line.end();
        tell(line, session -> session.closed(CloseReason.PEER_RESET));
        gate.open();
        await().until(() -> seen.contains("closed PEER_RESET"));
        assertThat(seen).containsExactly("opened", "closed PEER_RESET");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void eventsAreNeverRefused() {
        TestEndpoint.Line line = open(Workers.perConnection().atMost(1).queue(0));
        line.receive("takes the place", "refused");
        tell(line, session -> session.closed(CloseReason.APPLICATION));
        gate.open();
        await().until(() -> seen.contains("closed APPLICATION"));
        assertThat(line.unanswered()).containsExactly(Outcome.REFUSED);
    }

    @Test
    void aSessionThatThrowsFailsItsExchange() {
        TestEndpoint.Line line = open(Workers.perConnection());
        gate.open();
        line.receive("bad", "good");
        await().until(() -> line.settled() == 2);
        assertThat(line.unanswered()).containsExactly(Outcome.FAILED);
        assertThat(seen).containsExactly("opened", "received bad", "received good");
    }

    @Test
    void whatThrowsInAnEventFailsItsConnection() {
        endpoint = TestEndpoint.of(
                Adapters.sessions(connection -> new Session<>() {
                    @Override
                    public void opened() {
                        throw new IllegalStateException("on purpose");
                    }

                    @Override
                    public void received(Object message) {
                        ReferenceCountUtil.touch(message);
                    }
                }),
                Workers.perConnection());
        TestEndpoint.Line line = endpoint.line();
        tell(line, Session::opened);
        await().until(() -> !line.connection.failures.isEmpty());
        assertThat(line.connection.failures.get(0)).hasMessage("on purpose");
    }

    @Test
    void sessionsNeedWorkersPerConnection() {
        assertThatThrownBy(() -> TestEndpoint.of(Adapters.sessions(connection -> new Writing()), Workers.perMessage()))
                .hasMessageContaining("Workers: Workers per message (expected: perConnection with sessions)");
    }

    @Test
    void whatStaysOnItsLoopTakesNoWorkers() {
        assertThatThrownBy(() -> TestEndpoint.of(Adapters.converse(talk -> {}), Workers.perConnection()))
                .hasMessageContaining("Workers per connection (expected: none with onConnect, converse or a client");
        assertThatThrownBy(() -> TestEndpoint.of(Adapters.onConnect(talk -> {}), Workers.perConnection()))
                .hasMessageContaining("expected: none with onConnect");
    }
}
