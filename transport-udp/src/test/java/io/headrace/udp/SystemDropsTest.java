package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;

/** Whose drops a meter counts where several sockets have one address. */
class SystemDropsTest {
    /** Shares a port, reads nothing, and says what the system has dropped of what it sent to itself. */
    private static final String SHARE = """
            import os, socket, sys
            port = int(sys.argv[1])
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            s.bind(('127.0.0.1', port))
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for i in range(200):
                sender.sendto(bytes(1000), ('127.0.0.1', port))
            inode = str(os.fstat(s.fileno()).st_ino)
            for row in open('/proc/net/udp'):
                if row.split()[9] == inode:
                    print(row.split()[12], flush=True)
            """;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private Server sharing(Backend backend, int port) {
        return Udp.listen(port)
                .loops(On.loops(backend))
                .with(Metrics.to(registry))
                .options(o -> o.reuseAddress().receiveBufferBytes(2_048))
                .reply(bytes -> bytes)
                .start();
    }

    private double lost() {
        return registry.get("headrace.datagrams.lost").functionCounter().count();
    }

    @OnEachBackend
    void thoseOfAnotherProcessAreNotOurs(Backend backend) throws Exception {
        try (Server server = sharing(backend, 0);
                Script other = Script.python(SHARE, server.port())) {
            assertThat(Integer.parseInt(other.says())).isGreaterThan(100);
            assertThat(lost()).isZero();
        }
    }

    @OnEachBackend
    void norAreThoseOfAnotherSocketOfThisProcess(Backend backend) throws Exception {
        try (DatagramChannel other = DatagramChannel.open(StandardProtocolFamily.INET);
                Caller caller = Caller.listening()) {
            other.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            other.setOption(StandardSocketOptions.SO_RCVBUF, 2_048);
            other.bind(new InetSocketAddress("127.0.0.1", 0));
            try (Server server = sharing(backend, other.socket().getLocalPort())) {
                other.connect(caller.address()); // So what comes from there is given to it.
                caller.to(server.address());
                for (int i = 0; i < 200; i++) {
                    caller.send(new byte[1_000]);
                }
                assertThat(lost()).isZero();
            }
        }
    }
}
