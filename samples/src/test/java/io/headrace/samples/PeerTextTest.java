package io.headrace.samples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerTextTest {

    @Test
    void textStaysAsItIs() {
        assertThat(shown("Grüße, 世界 😀\n")).isEqualTo("Grüße, 世界 😀\n");
    }

    @Test
    void controlBytesAreEscapedAndLineBreaksAreKept() {
        assertThat(shown("one\n\u001b[31mtwo\u0000\r\nthree\tfour\rfive\n"))
                .isEqualTo("one\n\\x1b[31mtwo\\x00\nthree\\x09four\\x0dfive\n");
    }

    @Test
    void theLastLineGetsALineBreak() {
        assertThat(shown("Thank you for connecting")).isEqualTo("Thank you for connecting\n");
        assertThat(shown("ends\r")).isEqualTo("ends\\x0d\n");
        assertThat(shown("")).isEmpty();
    }

    @Test
    void bytesThatAreNoTextAreEscaped() {
        assertThat(shownBytes(bytes("a\u00ffb\u00c3(\u00e4"))).isEqualTo("a\\xffb\\xc3(\\xe4\n");
    }

    @Test
    void whatIsShownDoesNotDependOnHowTheNetworkSplitTheBytes() {
        byte[] all = "Grüße\r\n世界 😀\u001b\r\n\ufffd".getBytes(UTF_8);
        String whole = shownBytes(Unpooled.wrappedBuffer(all));

        PeerText text = new PeerText();
        StringBuilder piecewise = new StringBuilder();
        for (byte each : all) {
            piecewise.append(text.next(Unpooled.wrappedBuffer(new byte[] {each})));
        }
        piecewise.append(text.end());

        assertThat(piecewise.toString()).isEqualTo(whole).isEqualTo("Grüße\n世界 😀\\x1b\n\ufffd\n");
    }

    @Test
    void aDatagramIsOneLine() {
        assertThat(PeerText.of(bytes("requests:1|c\nload:2|g\n"))).isEqualTo("requests:1|c\\x0aload:2|g\\x0a");
    }

    @Test
    void aDatagramMayEndInsideACharacter() {
        assertThat(PeerText.of(bytes("a\u00c3"))).isEqualTo("a\\xc3");
    }

    private static ByteBuf bytes(String latin1) {
        return Unpooled.copiedBuffer(latin1, ISO_8859_1);
    }

    private static String shown(String sent) {
        return shownBytes(Unpooled.copiedBuffer(sent, UTF_8));
    }

    private static String shownBytes(ByteBuf sent) {
        PeerText text = new PeerText();
        return String.join("", List.of(text.next(sent), text.end()));
    }
}
