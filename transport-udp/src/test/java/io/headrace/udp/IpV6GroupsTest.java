package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Loops.Backend;
import io.headrace.contract.ChildJvm;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Multicast of IPv6, in a network that has a way for it: the loopback interface has none. */
@Timeout(60)
class IpV6GroupsTest {

    @Test
    void aGroupIsHeardOnceJoinedAndUntilLeft() throws Exception {
        List<String> network = OwnNetwork.of("ip link set lo up && ip link add v0 type veth peer name v1"
                + " && ip link set v1 up && ip link set v0 up && ip addr add fd00::1/64 dev v0 nodad");
        String[] backends = Stream.of(Backend.NIO, Backend.EPOLL, Backend.IO_URING)
                .filter(Backend::available)
                .map(Backend::name)
                .toArray(String[]::new);
        try (ChildJvm program = ChildJvm.start(network, IpV6GroupsProgram.class, backends)) {
            for (String backend : backends) {
                assertThat(program.lineWith("heard: ")).isEqualTo(backend + " heard: [joined, end]");
            }
        }
    }
}
