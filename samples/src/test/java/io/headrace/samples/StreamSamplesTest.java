package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Server;
import io.headrace.tcp.Tcp;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class StreamSamplesTest {

    @Test
    void echoSendsBackWhatCameIn() throws IOException {
        String megabyte = "0123456789abcdef".repeat(64 * 1_024);
        try (Server server = Echo.endpoint(Tcp.listen(0)).start();
                TestClient client = new TestClient(server.port())) {
            Thread reader = new Thread(() -> {
                try {
                    client.say(megabyte);
                    client.finish();
                } catch (IOException broken) {
                    throw new AssertionError(broken);
                }
            });
            reader.start();

            assertThat(client.rest()).isEqualTo(megabyte);
        }
    }

    @Test
    void linesGreetsEachName() throws IOException {
        try (Server server = Lines.endpoint(Tcp.listen(0)).start()) {
            assertThat(TestClient.ask(server.port(), "Ada\nGrüße\r\n")).isEqualTo("Hello, Ada!\nHello, Grüße!\n");
        }
    }

    @Test
    void upperAnswersFromBlockingCode() throws IOException {
        try (Server server = Upper.endpoint(Tcp.listen(0)).start()) {
            assertThat(TestClient.ask(server.port(), "Ada\nBob\n")).isEqualTo("ADA\nBOB\n");
        }
    }
}
