package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Server;
import io.headrace.stage.Metrics;
import io.headrace.tcp.Tcp;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
    private Server server;
    private int greetingPort;
    private int port;

    @BeforeEach
    void start() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        server = Server.start(
                Greet.endpoint(Tcp.listen(0).with(Metrics.to(registry)), line -> {}),
                MetricsPage.endpoint(Tcp.listen(0), registry));
        greetingPort = server.port();
        port = ((InetSocketAddress) server.addresses("metrics").get(0)).getPort();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String scrape() throws IOException {
        return TestClient.ask(port, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }

    @Test
    void showsWhatTheGreetingHasCounted() throws IOException {
        assertThat(TestClient.ask(greetingPort, "")).isEqualTo("Thank you for connecting");

        await().untilAsserted(() -> assertThat(scrape())
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n")
                .contains("{endpoint=\"greeting\",network_transport=\"tcp\",reason=\"application\"} 1.0\n")
                .contains("headrace_data_sent_bytes_total{endpoint=\"greeting\",network_transport=\"tcp\"} 24.0\n")
                .doesNotContain("endpoint=\"metrics\""));
    }

    @Test
    void aConnectionServesSeveralRequests() throws IOException {
        try (TestClient scraper = new TestClient(port)) {
            for (int i = 0; i < 3; i++) {
                scraper.say("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(statusLineSkippingTheRest(scraper)).isEqualTo("HTTP/1.1 200 OK");
            }
        }
    }

    @Test
    void anOldClientIsAnsweredAndClosed() throws IOException {
        try (TestClient scraper = new TestClient(port)) {
            scraper.say("GET /metrics HTTP/1.0\r\n\r\n");

            assertThat(scraper.rest()).startsWith("HTTP/1.1 200 OK\r\n").contains("headrace_connections_active");
        }
    }

    @Test
    void whoAsksForItIsClosedAfterTheAnswer() throws IOException {
        try (TestClient scraper = new TestClient(port)) {
            scraper.say("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

            assertThat(scraper.rest()).contains("connection: close\r\n", "headrace_connections_active");
        }
    }

    @Test
    void anotherPathIsNotFound() throws IOException {
        assertThat(TestClient.ask(port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 404 Not Found\r\n");
    }

    @Test
    void anotherMethodIsNotAllowed() throws IOException {
        assertThat(TestClient.ask(port, "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"))
                .startsWith("HTTP/1.1 405 Method Not Allowed\r\n")
                .contains("allow: GET\r\n");
    }

    @Test
    void whatIsNoHttpIsABadRequestAndClosed() throws IOException {
        try (TestClient other = new TestClient(port)) {
            other.say("hello\r\n\r\n");

            assertThat(other.rest()).startsWith("HTTP/1.1 400 Bad Request\r\n");
        }
    }

    @Test
    void aRequestThatIsTooLargeIsRefused() throws IOException {
        try (TestClient other = new TestClient(port)) {
            other.say("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n");

            assertThat(other.line()).isEqualTo("HTTP/1.1 413 Request Entity Too Large");
        }
    }

    private static String statusLineSkippingTheRest(TestClient scraper) throws IOException {
        String status = scraper.line();
        int length = 0;
        for (String header; !(header = scraper.line()).isEmpty(); ) {
            if (header.startsWith("content-length: ")) {
                length = Integer.parseInt(header.substring("content-length: ".length()));
            }
        }
        while (length > 0) {
            length -= scraper.line().length() + 1;
        }
        return status;
    }
}
