package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class TextTest {

    @Test
    void plainTextStaysAsItIs() {
        assertThat(Text.escaped("grüße, 水, 🙂")).isEqualTo("grüße, 水, 🙂");
    }

    @Test
    void aFailureIsInTheSystemsWords() {
        IOException refused = new IOException("recvmmsg(..) failed with error(-111): Connection refused");
        assertThat(Text.words(refused)).isEqualTo("Connection refused");
        assertThat(Text.words(new IOException("io_uring read(..) failed with error(-104): Connection reset")))
                .isEqualTo("Connection reset");
        assertThat(Text.words(new IOException("to 127.0.0.1:7: Connection refused", refused)))
                .isEqualTo("to 127.0.0.1:7: Connection refused");
        assertThat(Text.words(new IOException("cannot connect", refused)))
                .isEqualTo("cannot connect: Connection refused");
        assertThat(Text.words(new IOException())).isEqualTo("IOException");
    }

    @Test
    void controlCharactersAreEscaped() {
        assertThat(Text.escaped("a\r\n\t\u0000\u001b[31m\u007f\u0085"))
                .isEqualTo("a\\x0d\\x0a\\x09\\x00\\x1b[31m\\x7f\\x85");
    }

    @Test
    void lineSeparatorsAreEscaped() {
        assertThat(Text.escaped("a\u2028b\u2029")).isEqualTo("a\\u2028b\\u2029");
    }

    @Test
    void whatTurnsTextAroundIsEscaped() {
        assertThat(Text.escaped("\u202eevil\u2066")).isEqualTo("\\u202eevil\\u2066");
    }

    @Test
    void whatNobodySeesIsEscaped() {
        assertThat(Text.escaped("a\u200b" + Character.toString(0xE0041))).isEqualTo("a\\u200b\\ue0041");
    }

    @Test
    void halfOfASurrogatePairIsEscaped() {
        assertThat(Text.escaped("a\ud83d")).isEqualTo("a\\ud83d");
    }

    @Test
    void longTextIsCutAt128Characters() {
        assertThat(Text.escaped("x".repeat(129))).isEqualTo("x".repeat(128) + "...");
    }

    @Test
    void textOf128CharactersIsWhole() {
        assertThat(Text.escaped("x".repeat(128))).isEqualTo("x".repeat(128));
    }

    @Test
    void printableTextIsNotCut() {
        assertThat(Text.printable("x".repeat(1_000))).hasSize(1_000);
    }

    @Test
    void anAddressIsHostAndPort() throws UnknownHostException {
        InetAddress host = InetAddress.getByAddress("some.name", new byte[] {10, 0, 0, 1});
        assertThat(Text.of(new InetSocketAddress(host, 7))).isEqualTo("10.0.0.1:7");
    }

    @Test
    void anIpv6AddressStandsInBrackets() throws UnknownHostException {
        assertThat(Text.of(new InetSocketAddress(InetAddress.getByName("::1"), 7)))
                .isEqualTo("[0:0:0:0:0:0:0:1]:7");
    }

    @Test
    void anUnresolvedAddressIsAsItWasGiven() {
        assertThat(Text.of(InetSocketAddress.createUnresolved("some.name", 7))).isEqualTo("some.name:7");
    }

    @Test
    void noAddressIsUnnamed() {
        assertThat(Text.of((SocketAddress) null)).isEqualTo("(unnamed)");
    }
}
