package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Server;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Plain blocking code for each connection. */
class ConversationsTest extends StreamTest {

    @Test
    void aConversationGoesOnUntilThePeerHasFinished() throws Exception {
        Server server = start(lines().converse(talk -> {
            for (String line; (line = talk.receive()) != null; ) {
                talk.send(line.toUpperCase(Locale.ROOT));
            }
            talk.send("GOOD-BYE");
        }));

        StreamPeer peer = dial(server);
        peer.say("one");
        assertThat(peer.hear()).isEqualTo("ONE");
        peer.send("two\nthree\n");
        peer.finish();
        assertThat(peer.hearAll()).isEqualTo("TWO\nTHREE\nGOOD-BYE\n");
        await().untilAsserted(() -> assertThat(lives.reasons()).hasSize(1));
    }

    @Test
    void theScriptEndsTheConversation() throws Exception {
        Server server = start(lines().converse(talk -> {
            talk.send("Who are you?");
            talk.send("Hello, " + talk.receive());
        }));

        StreamPeer peer = dial(server);
        assertThat(peer.hear()).isEqualTo("Who are you?");
        peer.send("Ada\nunread\n");
        assertThat(peer.hearAll()).isEqualTo("Hello, Ada\n");
        peer.close();
        awaitReasons(CloseReason.APPLICATION);
    }

    @Test
    void aScriptThatSendsWhenTheServerIsGoneDoesNotWaitForEver() throws Exception {
        CountDownLatch talking = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Server server = start(lines().converse(talk -> {
            talking.countDown();
            gone.await();
            try {
                talk.send("anybody there?");
                failure.complete(null);
            } catch (IOException broken) {
                failure.complete(broken);
            }
        }));

        dial(server);
        talking.await();
        get(server.stop(Duration.ZERO));
        await().until(() -> liveThreads().isEmpty());
        gone.countDown();
        assertThat(get(failure)).hasMessageContaining("has ended: forced");
    }

    @Test
    void aScriptThatThrowsIsAFault() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().converse(talk -> {
                talk.send("before");
                throw new IllegalStateException("thrown on purpose");
            }));

            StreamPeer peer = dial(server);
            assertThat(peer.hearAll()).isEqualTo("before\n");
            peer.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aDrainEndsTheInput() throws Exception {
        CountDownLatch talking = new CountDownLatch(1);
        Server server = start(lines().converse(talk -> {
            talk.send(talk.receive());
            talking.countDown();
            assertThat(talk.receive()).isNull();
            assertThat(talk.receive()).isNull(); // And stays ended.
            talk.send("we are closing");
        }));

        StreamPeer peer = dial(server);
        peer.say("hello");
        assertThat(peer.hear()).isEqualTo("hello");
        talking.await();
        CompletableFuture<?> stopped = server.stop(PATIENCE);
        assertThat(peer.hear()).isEqualTo("we are closing");
        assertThat(peer.hear()).isNull();
        peer.close();
        get(stopped);
    }

    @Test
    void aResetIsAnException() throws Exception {
        Assumptions.assumeTrue(medium.resets());
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            CompletableFuture<Object> end = new CompletableFuture<>();
            Server server = start(lines().converse(talk -> {
                talk.send(talk.receive());
                try {
                    end.complete(talk.receive());
                } catch (IOException broken) {
                    end.complete(broken);
                    throw broken;
                }
            }));

            StreamPeer peer = dial(server);
            peer.say("hello");
            assertThat(peer.hear()).isEqualTo("hello");
            peer.reset();
            assertThat(get(end)).isInstanceOf(IOException.class).asString().contains("has ended: peer_reset");
            awaitReasons(CloseReason.PEER_RESET);
            assertThat(log.warnings()).isEmpty(); // The peer's doing, not the script's.
        }
    }

    @Test
    void sendWaitsWhileThePeerDoesNotRead() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        CompletableFuture<Void> done = new CompletableFuture<>();
        Server server = start(listen().converse(talk -> {
            for (int i = 0; i < 1_000; i++) {
                talk.send(new byte[16 * 1_024]);
                sent.incrementAndGet();
            }
            done.complete(null);
        }));

        StreamPeer peer = dialSmall(server);
        await().until(() -> total(Meter.CONNECTIONS_ACTIVE) == 1 && sent.get() > 0);
        assertThat(done).isNotDone();
        long received = 0;
        for (byte[] some; (some = peer.receive(64 * 1_024)).length > 0; ) {
            received += some.length;
        }
        assertThat(received).isEqualTo(1_000L * 16 * 1_024);
        get(done);
    }

    @Test
    void sendToOneWhoLeavesFails() throws Exception {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Server server = start(listen().converse(talk -> {
            try {
                while (true) {
                    talk.send(new byte[16 * 1_024]);
                }
            } catch (IOException broken) {
                failure.complete(broken);
                throw broken;
            }
        }));

        StreamPeer peer = dialSmall(server);
        peer.receive(1);
        peer.close();
        assertThat(get(failure)).isInstanceOf(IOException.class);
    }

    @Test
    void aSlowScriptIsNotFlooded() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger received = new AtomicInteger();
        Server server = start(lines().converse(talk -> {
            go.await();
            while (talk.receive() != null) {
                received.incrementAndGet();
            }
            talk.send("received " + received);
        }));

        StreamPeer peer = dial(server);
        Thread sender = new Thread(() -> {
            try {
                peer.send("x\n".repeat(100_000));
                peer.finish();
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        });
        sender.start();
        await().until(() -> total(Meter.EXCHANGES_OPEN) == 128);
        go.countDown();
        assertThat(peer.hear()).isEqualTo("received 100000");
        sender.join();
    }

    @Test
    void aBufferIsReadableUntilTheNextOne() throws Exception {
        Server server = start(listen().converse(talk -> {
            for (ByteBuf bytes; (bytes = talk.receive()) != null; ) {
                talk.send(bytes); // Stays readable all the same.
                talk.send(" " + bytes.toString(StandardCharsets.UTF_8) + " ");
            }
        }));

        StreamPeer peer = dial(server);
        peer.send("one");
        assertThat(new String(peer.receive(3), StandardCharsets.UTF_8)).isEqualTo("one");
        peer.finish();
        assertThat(peer.hearAll()).isEqualTo(" one ");
    }

    @Test
    void conversationsAreIndependent() throws Exception {
        List<String> names = new CopyOnWriteArrayList<>();
        Server server = start(lines().converse(talk -> {
            names.add(talk.receive());
            talk.receive();
        }));

        for (int i = 0; i < 50; i++) {
            dial(server).say("peer " + i);
        }
        await().until(() -> names.size() == 50);
        assertThat(names).doesNotHaveDuplicates();
    }
}
