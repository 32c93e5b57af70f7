package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.Text;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a peer sent, fit for a terminal: UTF-8 as text, everything else as {@code \x1b}. The network may split it anywhere, inside a
 * character too. One thread.
 */
final class PeerText {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final CharsetDecoder utf8 = UTF_8.newDecoder();
    private ByteBuffer begun = NOTHING; // A character whose end has not come.
    private boolean carriageReturn; // Which may turn out to be half of a line break.
    private char last = '\n';

    /** All of one datagram, on one line. */
    static String of(ByteBuf datagram) {
        PeerText text = new PeerText();
        return Text.printable(text.decoded(datagram.nioBuffer(), true).toString());
    }

    /** The next piece of a stream; line breaks stay. */
    String next(ByteBuf piece) {
        return lines(decoded(piece.nioBuffer(), false), false);
    }

    /** The end of the stream: what was still held back, and a line break unless there was one. */
    String end() {
        String rest = lines(decoded(NOTHING.duplicate(), true), true);
        return last == '\n' ? rest : rest + "\n";
    }

    /** Bytes that are no UTF-8 become escapes. */
    private StringBuilder decoded(ByteBuffer piece, boolean isLast) {
        ByteBuffer in = ByteBuffer.allocate(begun.remaining() + piece.remaining())
                .put(begun)
                .put(piece)
                .flip();
        CharBuffer characters = CharBuffer.allocate(in.remaining());
        StringBuilder text = new StringBuilder();
        CoderResult result;
        do {
            result = utf8.decode(in, characters, isLast);
            text.append(characters.flip());
            characters.clear();
            for (int i = 0; result.isMalformed() && i < result.length(); i++) {
                text.append(String.format("\\x%02x", in.get()));
            }
        } while (result.isMalformed());
        begun = in.slice();
        return text;
    }

    private String lines(StringBuilder text, boolean isLast) {
        if (carriageReturn) {
            text.insert(0, '\r');
        }
        carriageReturn = !isLast && !text.isEmpty() && text.charAt(text.length() - 1) == '\r';
        if (carriageReturn) {
            text.setLength(text.length() - 1);
        }
        if (!text.isEmpty()) {
            last = text.charAt(text.length() - 1);
        }
        return Arrays.stream(text.toString().replace("\r\n", "\n").split("\n", -1))
                .map(Text::printable)
                .collect(Collectors.joining("\n"));
    }
}
