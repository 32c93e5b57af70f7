package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BindRehearsalTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 80);

    private static Finding rehearse(InetSocketAddress address, IOException failure) {
        Problems problems = new Problems("test");
        BindRehearsal.of(problems, "tcp", address, where -> {
            assertThat(where).isEqualTo(address);
            if (failure != null) {
                throw failure;
            }
        });
        assertThat(problems.findings().all()).hasSize(1);
        return problems.findings().all().get(0);
    }

    @Test
    void aFreeAddressIsFine() {
        assertThat(rehearse(LOCAL, null)).isEqualTo(new Finding(Finding.Level.OK, "address", "127.0.0.1:80, free", ""));
    }

    @Test
    void aPrivilegedPortIsSaid() {
        Finding finding = rehearse(LOCAL, new SocketException("Permission denied (Bind failed)"));
        assertThat(finding.level()).isEqualTo(Finding.Level.ERROR);
        assertThat(finding.expected()).matches("a port that needs no privilege, \\d+ or above; Permission denied .*");
    }

    @Test
    void anAddressThatIsNotOursIsSaid() {
        Finding finding =
                rehearse(new InetSocketAddress("192.0.2.1", 0), new BindException("Cannot assign requested address"));
        assertThat(finding)
                .hasToString(
                        "address: 192.0.2.1:0 (expected: an address of this machine; Cannot assign requested address)");
    }

    @Test
    void aTakenOneSaysByWhomWhereThatIsKnown() {
        assertThat(rehearse(new InetSocketAddress("127.0.0.1", 1), new BindException("Address already in use")))
                .hasToString("address: 127.0.0.1:1 (expected: a free one, but another process has it)");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, true",
        "::, true",
        "0:0:0:0:0:0:0:0, true",
        "127.0.0.1, false",
        "::1, false",
        "example.org, false",
        ", false"
    })
    void everyAddressHasItsOwnNumbers(String host, boolean everywhere) {
        assertThat(BindRehearsal.everywhere(host)).isEqualTo(everywhere);
    }
}
