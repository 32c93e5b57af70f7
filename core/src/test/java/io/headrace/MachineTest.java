package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class MachineTest {
    private static final String OURSELVES =
            "java (process " + ProcessHandle.current().pid() + ")";

    @Test
    void theKernelsSettingsAreRead() {
        assertThat(Machine.number("net.core.somaxconn").getAsLong()).isPositive();
        assertThat(Machine.setting("net.ipv4.ip_local_port_range").orElseThrow())
                .matches("\\d+ \\d+");
    }

    @Test
    void whatTheSystemDoesNotTellIsEmpty() {
        assertThat(Machine.setting("net.core.no_such_thing")).isEmpty();
        assertThat(Machine.number("net.ipv4.ip_local_port_range")).isEmpty();
    }

    @Test
    void descriptorsAreCounted() throws Exception {
        assertThat(Machine.descriptorLimit().getAsLong()).isPositive();
        assertThat(Machine.openDescriptors().getAsLong())
                .isPositive()
                .isLessThan(Machine.descriptorLimit().getAsLong());
    }

    @Test
    void aControlGroupsQuotaIsInProcessors() {
        assertThat(Machine.processors("150000 100000")).contains("1.50");
        assertThat(Machine.processors("max 100000")).isEmpty();
        assertThat(Machine.processors("-1 100000")).isEmpty();
    }

    @Test
    void whoHasAPortIsFound() throws Exception {
        try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                DatagramSocket udp = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            assertThat(Machine.userOf("tcp", tcp.getLocalPort())).contains(OURSELVES);
            assertThat(Machine.userOf("udp", udp.getLocalPort())).contains(OURSELVES);
        }
    }

    @Test
    void aFreePortIsNobodys() throws Exception {
        int port;
        try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = tcp.getLocalPort();
        }
        assertThat(Machine.userOf("tcp", port)).isEmpty();
    }

    @Test
    void theSoftLimitIsReadFromTheSystemsTable() {
        assertThat(Machine.softLimit(
                        "Max open files",
                        List.of(
                                "Limit                     Soft Limit           Hard Limit           Units     ",
                                "Max processes             63405                63405                processes ",
                                "Max open files            1024                 524288               files     ")))
                .hasValue(1_024);
        assertThat(Machine.softLimit(
                        "Max open files",
                        List.of("Max open files            unlimited            unlimited            files")))
                .isEmpty();
    }
}
