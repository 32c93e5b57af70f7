package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.Endpoint;
import io.headrace.Finding;
import io.headrace.Finding.Level;
import io.headrace.Server;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What an endpoint of datagrams finds out about itself and its machine before it starts. */
@EnabledOnOs(OS.LINUX)
class ChecksTest {
    @TempDir
    private Path folder;

    private static List<String> found(Endpoint endpoint, Level level) {
        return endpoint.check().of(level).stream().map(Finding::toString).toList();
    }

    private static Endpoint on(String host, int port) {
        return Udp.listen(host, port).reply(bytes -> bytes);
    }

    @Test
    void aFreeAddressIsFoundFree() {
        assertThat(found(on("127.0.0.1", 0), Level.OK)).contains("address: 127.0.0.1:0, free");
        assertThat(found(on("127.0.0.1", 0), Level.WARN)).isEmpty();
    }

    @Test
    void aTakenAddressSaysWhoHasIt() throws Exception {
        try (DatagramSocket taken = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            assertThat(found(on("127.0.0.1", taken.getLocalPort()), Level.ERROR))
                    .containsExactly("address: 127.0.0.1:" + taken.getLocalPort()
                            + " (expected: a free one, but java (process "
                            + ProcessHandle.current().pid() + ") has it)");
        }
    }

    @Test
    void everyAddressWithoutAGuardIsAdvice() {
        assertThat(found(on("0.0.0.0", 0), Level.WARN)).hasSize(1);
        assertThat(found(Udp.listen("0.0.0.0", 0).with(PeerRate.of(100)).reply(bytes -> bytes), Level.WARN))
                .isEmpty();
    }

    @Test
    void aBufferThatTheKernelWillNotGrantIsAdvice() {
        assertThat(found(
                        Udp.listen(0)
                                .options(o -> o.receiveBufferBytes(1 << 30))
                                .reply(bytes -> bytes),
                        Level.WARN))
                .singleElement()
                .asString()
                .startsWith("receiveBufferBytes: 1073741824, of which the system grants ")
                .contains("net.core.rmem_max");
    }

    @Test
    void whatIsMissingOrWantedTwiceIsABadSetting() {
        assertThat(found(Udp.listen(0).options(o -> null).reply(bytes -> bytes), Level.ERROR))
                .containsExactly("options: null (expected: options)");
        assertThatThrownBy(() -> Server.start(
                        Udp.listen(7_002).named("one").reply(bytes -> bytes),
                        Udp.listen(7_002).named("two").reply(bytes -> bytes)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("address: udp 127.0.0.1:7002 (expected: one endpoint per address)");
    }

    @Test
    void aPathIsLookedAt() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(found(UnixDatagram.listen(file).reply(bytes -> bytes), Level.ERROR))
                .containsExactly("path: " + file + " (expected: a socket or nothing there)");
        Path path = folder.resolve("s");
        assertThat(found(UnixDatagram.listen(path).reply(bytes -> bytes), Level.OK))
                .contains("path: " + path + ", free, rw-------");
    }

    @Test
    void whatOnlyIpHasIsABadSettingForAPath() {
        Endpoint endpoint = UnixDatagram.listen(folder.resolve("s"))
                .options(o -> o.sockets(2)
                        .join(MulticastGroup.of("239.77.1.2"))
                        .timeToLive(3)
                        .multicastTimeToLive(4)
                        .multicastInterface("lo")
                        .trafficClass(0x20)
                        .broadcast()
                        .localAddresses()
                        .receiveOffload())
                .reply(bytes -> bytes);
        assertThat(found(endpoint, Level.ERROR))
                .contains(
                        "sockets: several (expected: 1 for a Unix path)",
                        "join: a multicast group (expected: none for a Unix path)",
                        "timeToLive: 3 (expected: 0 for a Unix path)",
                        "multicastTimeToLive: 4 (expected: 0 for a Unix path)",
                        "multicastInterface: lo (expected: none for a Unix path)",
                        "trafficClass: 32 (expected: 0 for a Unix path)",
                        "broadcast: on (expected: off for a Unix path)",
                        "localAddresses: on (expected: off for a Unix path)",
                        "receiveOffload: on (expected: off for a Unix path)");
    }
}
