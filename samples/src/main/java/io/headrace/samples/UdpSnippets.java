package io.headrace.samples;

import io.headrace.Client;
import io.headrace.Codec;
import io.headrace.udp.Udp;
import java.time.Duration;

/** What docs/udp.md quotes, by tag, beside what README.md quotes. */
final class UdpSnippets {

    private UdpSnippets() {}

    static Client<String, String> client(int port) {
        // tag::client[]
        Client<String, String> client = Udp.connect("127.0.0.1", port)
                .codec(Codec.utf8())
                .correlate(question -> question.split(" ")[0], answer -> answer.split(" ")[0])
                .options(o -> o.answerTimeout(Duration.ofSeconds(3))
                        .repeatAfter(Duration.ofMillis(300), Duration.ofMillis(900)))
                .start();
        // end::client[]
        return client;
    }
}
