package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.bench.load.Scheme;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "greet=tcp://127.0.0.1:9000",
                "echo=tcp://localhost:0",
                "echo=tls://localhost:9443",
                "echo=udp://[::1]:65535",
                "greet=unix:/run/greet.sock",
                "echo=unix:/run/a b=c.sock",
                "echo=unixgram:/run/echo.sock"
            })
    void readsWhatItPrints(String text) {
        assertThat(Target.parse(text)).hasToString(text);
    }

    @Test
    void knowsServiceSchemeAndAddress() {
        assertThat(Target.parse("echo=udp://127.0.0.1:9002"))
                .isEqualTo(new Target(
                        Target.Service.ECHO, Scheme.UDP, InetSocketAddress.createUnresolved("127.0.0.1", 9_002)));
        assertThat(Target.parse("greet=unix:/x"))
                .isEqualTo(new Target(Target.Service.GREET, Scheme.UNIX, UnixDomainSocketAddress.of("/x")));
    }

    @Test
    void portZeroBecomesTheOneThatIsBound() {
        Target target = Target.parse("echo=tcp://localhost:0");

        assertThat(target.boundTo(new InetSocketAddress("127.0.0.1", 4_711))).hasToString("echo=tcp://localhost:4711");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            9000                     | target: 9000 (expected: as greet=tcp://127.0.0.1:9000, echo=udp://127.0.0.1:9002 or echo=unix:/run/echo.sock)
            hello=tcp://127.0.0.1:1  | service: hello (expected: one of [greet, echo, discard])
            GREET=tcp://127.0.0.1:1  | service: GREET (expected: one of [greet, echo, discard])
            greet=127.0.0.1:1        | address: 127.0.0.1:1 (expected: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH)
            greet=http://127.0.0.1:1 | address: http://127.0.0.1:1 (expected: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH)
            greet=tcp://127.0.0.1    | address: tcp://127.0.0.1 (expected: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH)
            greet=tcp://:1           | address: tcp://:1 (expected: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH)
            echo=tcp://::1:9000      | address: tcp://::1:9000 (expected: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH)
            echo=unix:relative.sock  | address: unix:relative.sock (expected: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH)
            echo=tls:/run/echo.sock  | address: tls:/run/echo.sock (expected: tls://HOST:PORT: TLS is served on TCP, not on Unix sockets or datagrams)
            echo=dtls://127.0.0.1:1  | address: dtls://127.0.0.1:1 (expected: tls://HOST:PORT: TLS is served on TCP, not on Unix sockets or datagrams)
            echo=unix+tls:/run/echo  | address: unix+tls:/run/echo (expected: tls://HOST:PORT: TLS is served on TCP, not on Unix sockets or datagrams)
            echo=tcp://127.0.0.1:    | address: tcp://127.0.0.1: (expected: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH)
            echo=tcp://127.0.0.1:x   | port: x (expected: 0 to 65535)
            echo=tcp://127.0.0.1:-1  | port: -1 (expected: 0 to 65535)
            echo=tcp://127.0.0.1:65536       | port: 65536 (expected: 0 to 65535)
            echo=tcp://127.0.0.1:99999999999 | port: 99999999999 (expected: 0 to 65535)
            greet=unixgram:/x        | target: greet=unixgram:/x (expected: greet on tcp, tls or unix: nobody connects to a datagram socket)
            greet=udp://127.0.0.1:1  | target: greet=udp://127.0.0.1:1 (expected: greet on tcp, tls or unix: nobody connects to a datagram socket)
            """)
    void saysWhatItExpected(String text, String message) {
        assertThatThrownBy(() -> Target.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
