package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Loops.Backend;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Group K: settings that cannot be right, as the program meets them that is started with them. */
class ConfigurationTest {

    private static String failure(ChildServer.Setup setup) throws InterruptedException {
        try (ChildServer server = setup.launch()) {
            assertThat(server.status(30)).isEqualTo(1);
            return server.errors();
        }
    }

    @Row("K1")
    @Test
    void everythingThatIsWrongIsSaidTogether() throws Exception {
        assertThat(failure(ChildServer.Setup.of(Servers.BAD_VALUES)))
                .contains("port: 70000 (expected: ")
                .contains("backlog: 0 (expected: >= 1)")
                .contains("IdleTimeout")
                .contains("framing.maxBytes: 0 (expected: 1 to ")
                .doesNotContain("listens on");
    }

    @Row("K3")
    @Test
    void anAddressThatIsNotOursIsSaidInWords() throws Exception {
        assertThat(failure(ChildServer.Setup.of(Servers.ELSEWHERE).flags("-Dtorture.host=192.0.2.1")))
                .contains("'row'")
                .contains("192.0.2.1:7000")
                .contains("Cannot assign requested address")
                .doesNotContain("\tat ");
    }

    @Row("K3")
    @Test
    void ipv6WithoutIpv6IsSaidInWords() throws Exception {
        assertThat(failure(ChildServer.Setup.of(Servers.ELSEWHERE)
                        .on(Backend.NIO)
                        .flags("-Dtorture.host=::1", "-Djava.net.preferIPv4Stack=true")))
                .contains("'row'")
                .contains("cannot start")
                .doesNotContain("\tat ");
    }

    @Row("K4")
    @Test
    void aBackendThatIsWantedAndNotThereIsRefused() throws Exception {
        Assumptions.assumeTrue(Backend.EPOLL.available(), "needs epoll, to take it away");
        assertThat(failure(ChildServer.Setup.of(Servers.LINES)
                        .on(Backend.EPOLL)
                        .flags("-Dio.netty.transport.noNative=true")))
                .contains("loops: epoll (expected: available on this machine, but not available: ");
    }

    @Row("K4")
    @Test
    void withoutANativeBackendNioServesAndSaysSoOnce() throws Exception {
        try (ChildServer server = ChildServer.Setup.of(Servers.MANY_LOOPS)
                        .on(Backend.NIO)
                        .flags("-Dtorture.loops=1", "-Dio.netty.transport.noNative=true")
                        .start();
                Peer peer = Peer.to(server.port())) {
            assertThat(peer.say("Ada\n").line()).isEqualTo("Ada");
            assertThat(server.meters()).containsEntry("headrace.eventloop.native row", 0.0);
            assertThat(server.log())
                    .filteredOn(line -> line.message().contains("nio serves"))
                    .singleElement()
                    .satisfies(line -> assertThat(line.level()).isEqualTo("INFO"));
        }
    }

    @Row("K4")
    @Test
    void aNativeBackendThatIsThereServesByItself() throws Exception {
        Assumptions.assumeTrue(Backend.EPOLL.available(), "needs epoll");
        try (ChildServer server = ChildServer.Setup.of(Servers.MANY_LOOPS)
                .flags("-Dtorture.loops=1")
                .start()) {
            assertThat(server.meters()).containsEntry("headrace.eventloop.native row", 1.0);
            assertThat(server.log()).noneMatch(line -> line.message().contains("nio serves"));
        }
    }
}
