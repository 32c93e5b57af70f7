package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples as processes: how they begin, what they print, how they end. */
class SampleProcessTest {

    @Test
    void greetSaysWhereItListensAndHowToTalkToIt() throws Exception {
        try (SampleProcess greet = SampleProcess.start("greet", "--host", "127.0.0.1", "--port", "0")) {
            String first = greet.line();
            assertThat(first).matches("Listening on 127\\.0\\.0\\.1:\\d+\\. Ctrl-C ends it\\. From another terminal:");
            String port = first.replaceAll(".*:(\\d+)\\..*", "$1");
            assertThat(greet.line()).isEqualTo("  ./headrace connect 127.0.0.1 " + port);
            assertThat(greet.line()).isEqualTo("  nc 127.0.0.1 " + port);

            try (TestClient client = new TestClient(Integer.parseInt(port))) {
                assertThat(client.rest()).isEqualTo("Thank you for connecting");
                assertThat(greet.line()).isEqualTo("Got connection from ('127.0.0.1', " + client.port() + ")");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"greet", "echo", "lines", "upper", "chat", "sink"})
    void sigtermEndsItWithoutComplaint(String sample) throws Exception {
        try (SampleProcess process = SampleProcess.start(sample, "--port", "0")) {
            process.port();

            assertThat(process.terminate()).isIn(0, 143);
            assertThat(process.errors())
                    .contains("draining", "stopped")
                    .doesNotContain("WARN", "ERROR", "Exception", "\tat ");
        }
    }

    @Test
    void sigtermEndsConversationsThatWait() throws Exception {
        try (SampleProcess upper = SampleProcess.start("upper", "--port", "0");
                TestClient client = new TestClient(upper.port())) {
            client.say("ada\n");
            assertThat(client.line()).isEqualTo("ADA");

            assertThat(upper.terminate()).isIn(0, 143);
            assertThat(client.line()).isNull();
        }
    }

    @Test
    void whenNobodyReadsItsOutputItEnds() throws Exception {
        try (SampleProcess greet = SampleProcess.start("greet", "--port", "0")) {
            int port = greet.port();
            assertThat(greet.lineFrom("  nc ")).isNotNull(); // Its last: only the greeting is still to be said.
            greet.closeOutput();

            try (TestClient client = new TestClient(port)) {
                assertThat(client.rest()).isEqualTo("Thank you for connecting");
            }
            assertThat(greet.status()).isEqualTo(Console.NOBODY_READS);
            assertThat(greet.errors()).doesNotContain("WARN", "Exception", "\tat ");
        }
    }

    @Test
    void whoDoesNotReadItsOutputHoldsNothingUp() throws Exception {
        try (SampleProcess greet = SampleProcess.start("greet", "--port", "0")) {
            int port = greet.port();
            for (int i = 0; i < 3_000; i++) { // More lines than a pipe holds.
                assertThat(TestClient.ask(port, "")).isEqualTo("Thank you for connecting");
            }

            assertThat(greet.terminate()).isIn(0, 143);
            assertThat(greet.errors()).doesNotContain("WARN");
        }
    }

    @Test
    void headEndsIt() throws Exception {
        List<String> said = Tools.lines(Tools.shell(demo() + " | head -n 1"));

        assertThat(said).filteredOn(line -> line.startsWith("server: ")).hasSize(1);
        assertThat(said).noneMatch(line -> line.contains("Exception") || line.contains("\tat "));
    }

    private static String demo() {
        return "'" + System.getProperty("java.home") + "/bin/java' -Dlogback.configurationFile=logback.xml -cp '"
                + System.getProperty("java.class.path") + "' " + Samples.class.getName() + " demo";
    }

    @Test
    void aPortThatIsTakenIsOneLineAndStatus1() throws Exception {
        try (SampleProcess first = SampleProcess.start("greet", "--host", "127.0.0.1", "--port", "0")) {
            String port = String.valueOf(first.port());
            try (SampleProcess second = SampleProcess.start("greet", "--host", "127.0.0.1", "--port", port)) {
                assertThat(second.status()).isEqualTo(1);
                assertThat(second.errors())
                        .isEqualTo("cannot start tcp endpoint 'greeting' on 127.0.0.1:" + port
                                + ": Address already in use" + System.lineSeparator());
                assertThat(second.rest()).isEmpty();
            }
        }
    }

    @Test
    void linesAnswersNetcatThatFinishesFirst() throws Exception {
        Tools.requireNetcat();
        try (SampleProcess lines = SampleProcess.start("lines", "--port", "0")) {
            Tools.Run netcat = Tools.shell("printf 'Ada\\n' | nc -N 127.0.0.1 " + lines.port());

            assertThat(netcat).isEqualTo(new Tools.Run(0, "Hello, Ada!\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void echoRunsOnTheTransportThatIsAskedFor(String transport) throws Exception {
        assumeAvailable(transport);
        try (SampleProcess echo = SampleProcess.start("echo", "--port", "0", "--transport", transport)) {
            assertThat(TestClient.ask(echo.port(), "Ada")).isEqualTo("Ada");
            await().untilAsserted(() -> assertThat(echo.errors()).contains("(" + transport + ")"));
        }
    }

    /** On io_uring who is only greeted has epoll threads beside it. */
    @ParameterizedTest
    @CsvSource({"nio, nio", "epoll, epoll", "io_uring, epoll"})
    void greetSaysWhatItRunsOn(String transport, String said) throws Exception {
        assumeAvailable(transport);
        try (SampleProcess greet = SampleProcess.start("greet", "--port", "0", "--transport", transport);
                TestClient client = new TestClient(greet.port())) {
            assertThat(client.rest()).isEqualTo("Thank you for connecting");
            await().untilAsserted(() -> assertThat(greet.errors()).contains("(" + said + ")"));
        }
    }

    private static void assumeAvailable(String transport) {
        boolean available =
                new Listen.LoopsByName().convert(transport).backend().available();
        org.junit.jupiter.api.Assumptions.assumeTrue(available, "this machine has no " + transport);
    }
}
