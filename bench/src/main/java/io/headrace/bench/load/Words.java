package io.headrace.bench.load;

import java.util.List;
import java.util.stream.Collectors;

/** The words of a command line as one line that a shell (bash, zsh) takes apart again. */
final class Words {
    private static final String HARMLESS = "[\\p{Alnum}_@%+=:,./-]+";
    private static final int LEAST_PRINTABLE = ' ';

    private Words() {}

    static String line(List<String> words) {
        return words.stream().map(Words::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        if (word.matches(HARMLESS)) {
            return word;
        }
        if (word.chars().allMatch(c -> c >= LEAST_PRINTABLE)) {
            return "'" + word.replace("'", "'\\''") + "'";
        }
        StringBuilder escaped = new StringBuilder("$'");
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c < LEAST_PRINTABLE) {
                escaped.append(String.format("\\%03o", (int) c));
            } else {
                escaped.append(c == '\'' || c == '\\' ? "\\" : "").append(c);
            }
        }
        return escaped.append('\'').toString();
    }
}
