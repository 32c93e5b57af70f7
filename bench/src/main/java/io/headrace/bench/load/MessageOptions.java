package io.headrace.bench.load;

import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Option;

/** What a request is, and what an answer looks like. */
final class MessageOptions {
    private static final int MOST_BYTES = 64 * 1_024 * 1_024;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            converter = Units.Size.class,
            description = "Bytes of a request, as 64 or 4k. Default: 64.")
    private Integer size;

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "The request itself, instead of --size; \\n, \\r, \\t, \\0 and \\\\ are understood.")
    private String message;

    @Option(
            names = "--answer",
            paramLabel = "HOW",
            defaultValue = "same",
            description =
                    "same: the bytes of the request, which is checked; a number: so many bytes; line: up to a line feed. Default: ${DEFAULT-VALUE}.")
    private String answer;

    /** What was chosen. */
    record Choice(byte[] bytes, Answers.Kind answers) {
        /** For modes that send nothing: this letter stays here. */
        static final Choice NONE = letters(1);

        /** So many letters, which have to come back. No two neighbours alike, so that a byte lost or doubled is noticed. */
        static Choice letters(int size) {
            return new Choice(filler(size), Answers::same);
        }
    }

    /** @throws IllegalArgumentException saying what was expected instead */
    Choice choice() {
        if (size != null && message != null) {
            throw new IllegalArgumentException("--size: not together with --message");
        }
        byte[] bytes = message == null ? filler(size == null ? 64 : size) : unescaped(message);
        if (bytes.length < 1 || bytes.length > MOST_BYTES) {
            throw new IllegalArgumentException("--size: " + bytes.length + " (expected: 1 to " + MOST_BYTES + ")");
        }
        return new Choice(bytes, answers());
    }

    private static byte[] filler(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) ('a' + i % 26);
        }
        return bytes;
    }

    private static byte[] unescaped(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char next = ++i < text.length() ? text.charAt(i) : ' ';
            out.append(
                    switch (next) {
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        case '0' -> '\0';
                        case '\\' -> '\\';
                        default ->
                            throw new IllegalArgumentException(
                                    "--message: \\" + next + " (expected: \\n, \\r, \\t, \\0 or \\\\)");
                    });
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private Answers.Kind answers() {
        if (answer.equals("same")) {
            return Answers::same;
        }
        if (answer.equals("line")) {
            return Answers.until((byte) '\n');
        }
        if (answer.matches("[1-9][0-9]{0,8}")) {
            return Answers.sized(Integer.parseInt(answer));
        }
        throw new IllegalArgumentException("--answer: " + answer + " (expected: same, line or a number of bytes)");
    }
}
