package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Client;
import io.headrace.Codec;
import io.headrace.Server;
import io.headrace.udp.Udp;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UdpSnippetsTest {

    @Test
    void theClientAsksSeveralQuestionsAtOnce() throws Exception {
        try (Server server = Udp.listen(0)
                        .codec(Codec.utf8())
                        .reply(text -> text + "!")
                        .start();
                Client<String, String> client = UdpSnippets.client(server.port())) {
            var one = client.ask("1 hello").toCompletableFuture();
            var two = client.ask("2 hello").toCompletableFuture();
            assertThat(two.get(10, TimeUnit.SECONDS)).isEqualTo("2 hello!");
            assertThat(one.get(10, TimeUnit.SECONDS)).isEqualTo("1 hello!");
        }
    }
}
