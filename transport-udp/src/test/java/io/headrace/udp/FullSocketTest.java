package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.contract.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** E11: a socket whose send buffer is full, on the way that datagrams take by default. On loopback it never is, but where the network is slow. */
@Timeout(60)
class FullSocketTest {
    private List<String> slowNetwork;

    @BeforeEach
    void slow() throws Exception {
        slowNetwork =
                OwnNetwork.of("ip link set lo up && tc qdisc add dev lo root tbf rate 1mbit burst 2k latency 10s");
    }

    private String result(String sends) throws Exception {
        try (ChildJvm program = ChildJvm.start(slowNetwork, FullSocketProgram.class, sends)) {
            return program.lineWith("result:");
        }
    }

    @Test
    void whatItHasNoRoomForWaitsInItsPlace() throws Exception {
        assertThat(result("wait")).isEqualTo("result: waits=true inOrder=200 sent=200 dropped={}");
    }

    @Test
    void whatWaitsIsBoundedAndEveryDatagramCountedOnce() throws Exception {
        assertThat(result("flood"))
                .isEqualTo(
                        "result: waits=true megabytes=1 dropped={SEND_QUEUE_FULL=1} allCounted=true allReported=true");
    }
}
