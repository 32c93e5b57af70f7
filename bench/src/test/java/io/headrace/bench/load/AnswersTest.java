package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswersTest {
    private final Message message = new Message("abcde".getBytes(StandardCharsets.US_ASCII), 3);

    @AfterEach
    void release() {
        message.release();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 11, 14, 15, 16, 31, 100})
    void sameAnswersAreFoundHoweverTheyAreCut(int cut) {
        Answers answers = Answers.same(message);
        String text = "abcde".repeat(20);
        int whole = 0;
        for (int from = 0; from < text.length(); from += cut) {
            int now = answers.take(bytes(text.substring(from, Math.min(text.length(), from + cut))));
            whole += now;
            assertThat(whole).isEqualTo(Math.min(text.length(), from + cut) / 5);
        }
        assertThat(whole).isEqualTo(20);
    }

    @Test
    void oneByteThatDiffersIsWrongWhereverItIs() {
        for (int at = 0; at < 30; at++) {
            StringBuilder text = new StringBuilder("abcde".repeat(6));
            text.setCharAt(at, 'x');

            assertThat(Answers.same(message).take(bytes(text.toString()))).isEqualTo(Answers.WRONG);
        }
    }

    @Test
    void aBufferOfPartsIsComparedToo() {
        ByteBuf parts = Unpooled.wrappedBuffer(bytes("abc"), bytes("deab"));

        assertThat(Answers.same(message).take(parts)).isEqualTo(1);
    }

    @Test
    void sizedAndLineAnswersAreCounted() {
        Answers sized = Answers.sized(4).of(message);
        Answers lines = Answers.until((byte) '\n').of(message);

        assertThat(sized.take(bytes("123"))).isZero();
        assertThat(sized.take(bytes("456789"))).isEqualTo(2);
        assertThat(lines.take(bytes("one\ntwo\nth"))).isEqualTo(2);
        assertThat(lines.take(bytes("ree\n"))).isEqualTo(1);
    }

    @Test
    void aNewConnectionBeginsANewAnswer() {
        Answers answers = Answers.same(message);
        answers.take(bytes("abc"));
        answers.reset();

        assertThat(answers.take(bytes("abcde"))).isEqualTo(1);
    }
}
