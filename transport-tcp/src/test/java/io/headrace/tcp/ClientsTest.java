package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.Client;
import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.LogCapture;
import io.headrace.Loops;
import io.headrace.Server;
import io.headrace.Session;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Connections that we make. */
class ClientsTest extends StreamTest {

    private ClientSetup<?, String, String> talkTo(Server server) {
        return connect(server).with(Framing.lines(1_024)).codec(Codec.utf8());
    }

    private Client<String, String> client(Server server) {
        return closing(talkTo(server).start());
    }

    private static Throwable failure(CompletionStage<?> stage) {
        try {
            throw new AssertionError("no failure but " + get(stage));
        } catch (ExecutionException failure) {
            return failure.getCause();
        } catch (Exception other) {
            throw new AssertionError(other);
        }
    }

    /** Its peer does not finish, so it gives that up after a second. */
    private void awaitLingering(Client<?, ?> client) {
        await().until(() -> {
            clock.advance(Duration.ofMillis(100));
            return client.closed().toCompletableFuture().isDone();
        });
    }

    @Test
    void aQuestionIsAnswered() throws Exception {
        Server server = start(lines().reply(name -> "Hello, " + name + "!"));

        Client<String, String> client = client(server);
        assertThat(get(client.ask("Ada"))).isEqualTo("Hello, Ada!");
        assertThat(get(client.ask("Grace"))).isEqualTo("Hello, Grace!");
        assertThat(client.address()).isEqualTo(server.address());
    }

    @Test
    void answersBelongToTheQuestionsInTheirOrder() throws Exception {
        Server server = start(lines().reply(message -> "answer " + message));

        Client<String, String> client = client(server);
        List<CompletionStage<String>> answers = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            answers.add(client.ask("" + i));
        }
        for (int i = 0; i < 128; i++) {
            assertThat(get(answers.get(i))).isEqualTo("answer " + i);
        }
    }

    @Test
    void questionsFromManyThreadsGetTheirOwnAnswers() throws Exception {
        Server server = start(lines().reply(message -> "answer " + message));

        Client<String, String> client = client(server);
        List<CompletableFuture<Void>> askers = IntStream.range(0, 8)
                .mapToObj(asker -> CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 50; i++) {
                        String question = asker + "/" + i;
                        String answer =
                                client.ask(question).toCompletableFuture().join();
                        assertThat(answer).isEqualTo("answer " + question);
                    }
                }))
                .toList();
        for (CompletableFuture<Void> asker : askers) {
            get(asker);
        }
    }

    @Test
    void theHundredAndTwentyNinthOpenQuestionFails() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> held.add(exchange)));

        Client<String, String> client = client(server);
        List<CompletionStage<String>> answers = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            answers.add(client.ask("" + i));
        }
        assertThat(failure(client.ask("one too many")))
                .isInstanceOf(IOException.class)
                .hasMessage("questions: 128 wait for their answers (expected: fewer, before the next one)");
        await().until(() -> held.size() == 128);
        held.forEach(exchange -> exchange.reply("answer"));
        for (CompletionStage<String> answer : answers) {
            assertThat(get(answer)).isEqualTo("answer");
        }
        CompletionStage<String> next = client.ask("now there is room");
        await().until(() -> held.size() == 129);
        held.get(128).reply("there is");
        assertThat(get(next)).isEqualTo("there is");
    }

    @Test
    void questionsFailWhenTheConnectionEnds() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> {
            if (message.equals("leave")) {
                ((Connection<String>) exchange.peer()).close();
                exchange.consume();
            } else {
                held.add(exchange);
            }
        }));

        Client<String, String> client = client(server);
        CompletionStage<String> open = client.ask("never answered");
        client.send("leave");
        assertThat(failure(open)).isInstanceOf(IOException.class).hasMessageContaining("has ended: peer_finished");
        assertThat(get(client.closed())).isEqualTo(CloseReason.PEER_FINISHED);
        assertThat(failure(client.ask("too late"))).isInstanceOf(IOException.class);
        assertThat(client.send("too late")).isFalse();
    }

    @Test
    void closingAClientEndsItsQuestionsAndItsThreads() throws Exception {
        Server server = start(lines().handle((message, exchange) -> {}));
        Loops own = loops.threads(1);

        Client<String, String> client = talkTo(server).loops(own).start();
        int before = liveThreads().size();
        CompletionStage<String> open = client.ask("never answered");
        client.close();
        awaitLingering(client);
        assertThat(failure(open)).isInstanceOf(IOException.class).hasMessageContaining("has ended: application");
        assertThat(get(client.closed())).isEqualTo(CloseReason.APPLICATION);
        await().untilAsserted(() -> assertThat(liveThreads().size()).isLessThan(before));
        client.close(); // Once more does nothing.
    }

    @Test
    void aClosedClientIsAFinishedPeer() throws Exception {
        Server server = start(lines().reply(message -> message));

        Client<String, String> client = client(server);
        assertThat(get(client.ask("x"))).isEqualTo("x");
        client.close();
        assertThat(get(client.closed())).isEqualTo(CloseReason.APPLICATION);
        awaitReasons(CloseReason.PEER_FINISHED);
    }

    @Test
    void whatNobodyAskedForIsConsumed() throws Exception {
        List<String> unasked = new CopyOnWriteArrayList<>();
        Server server = start(lines().sessions(connection -> message -> {
            connection.send("push before");
            connection.send("answer " + message);
        }));

        Client<String, String> client =
                closing(talkTo(server).consume(unasked::add).start());
        client.send("x");
        await().untilAsserted(() -> assertThat(unasked).containsExactly("push before", "answer x"));
    }

    @Test
    void whatNobodyAskedForGoesToASession() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        Server server = start(lines().onConnect(connection -> connection.sendAndClose("hello")));

        Client<String, String> client = closing(talkTo(server)
                .sessions(connection -> new Session<String>() {
                    @Override
                    public void opened() {
                        told.add("opened");
                    }

                    @Override
                    public void received(String message) {
                        told.add(message);
                    }

                    @Override
                    public void closed(CloseReason reason) {
                        told.add("closed " + reason.tag());
                    }
                })
                .start());
        get(client.closed());
        await().untilAsserted(() -> assertThat(told).containsExactly("opened", "hello", "closed peer_finished"));
    }

    @Test
    void whatNobodyAskedForEndsAClientThatTakesNone() throws Exception {
        Server server = start(lines().onConnect(connection -> connection.send("surprise")));

        Client<String, String> client = client(server);
        awaitLingering(client);
        assertThat(get(client.closed())).isEqualTo(CloseReason.MESSAGE_UNEXPECTED);
    }

    @Test
    void aClientConverses() throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        Server server = start(lines().converse(talk -> {
            talk.send("Who are you?");
            talk.send("Hello, " + talk.receive());
        }));

        Client<String, String> client = closing(talkTo(server)
                .converse(talk -> {
                    talk.receive();
                    talk.send("Ada");
                    heard.complete(talk.receive());
                })
                .start());
        assertThat(get(heard)).isEqualTo("Hello, Ada");
        get(client.closed());
    }

    @Test
    void nobodyThereIsSaidInOneLine() throws Exception {
        Server server = start(lines().reply(message -> message));
        SocketAddress address = server.address();
        get(server.stop(PATIENCE));
        Sockets<?> sockets = medium.connectingTo(address);

        assertThatThrownBy(() -> Medium.client(sockets).loops(loops).start())
                .isInstanceOf(CannotStartException.class)
                .hasMessageStartingWith("cannot connect to " + sockets.address() + ": ")
                .hasMessageMatching(".*: (Connection refused|No such file or directory)");
        await().untilAsserted(() -> assertThat(liveThreads()).isEmpty());
    }

    @Test
    void refusedConnectsLeaveNothingOnSharedLoops() throws Exception {
        Server server = start(lines().reply(message -> message));
        Server gone = start(lines().named("gone").reply(message -> message));
        SocketAddress address = gone.address();
        get(gone.stop(PATIENCE));
        List<String> before = descriptors();

        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> Medium.client(medium.connectingTo(address))
                            .loops(loops)
                            .start())
                    .isInstanceOf(CannotStartException.class);
        }
        await().untilAsserted(() -> assertThat(descriptors()).isSubsetOf(before));
        assertThat(get(client(server).ask("still here"))).isEqualTo("still here");
    }

    @Test
    void badSettingsAreReportedTogether() {
        assertThatThrownBy(() -> Medium.client(medium.listening())
                        .named(" ")
                        .loops(loops.threads(0))
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name: ")
                .hasMessageContaining("loops.threads: 0");
    }

    @Test
    void connectingBlocksSoNotOnAnEventLoop() throws Exception {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        CompletableFuture<Server> self = new CompletableFuture<>();
        Server server = start(lines().handle((message, exchange) -> {
            try {
                talkTo(self.get()).start();
            } catch (Throwable refused) {
                failure.complete(refused);
            }
            exchange.consume();
        }));
        self.complete(server);

        dial(server).say("x");
        assertThat(get(failure)).isInstanceOf(IllegalStateException.class).hasMessageContaining("event loop");
    }

    @Test
    void anAnswerThatIsMalformedEndsTheClient() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(listen().onConnect(connection -> connection.send(new byte[] {(byte) 0xFF, '\n'})));

            Client<String, String> client = client(server);
            awaitLingering(client);
            assertThat(get(client.closed())).isEqualTo(CloseReason.MESSAGE_MALFORMED);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void manyClientsShareLoops() throws Exception {
        Server server = start(lines().reply(message -> message));
        List<Client<String, String>> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(client(server));
        }
        List<CompletionStage<String>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(clients.get(i).ask("" + i));
        }
        for (int i = 0; i < 50; i++) {
            assertThat(get(answers.get(i))).isEqualTo("" + i);
        }
    }
}
