package io.headrace.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A server that takes part.
 *
 * @param name as the results show it
 * @param options of {@code headrace serve}, or null where there is a command
 * @param command a command line with {@code {PORT}} in it, or null
 */
record Entrant(String name, List<String> options, String command) {
    private static final List<String> TRANSPORTS = List.of("nio", "epoll", "kqueue", "io_uring");
    private static final List<String> CLOSES = List.of("abrupt", "linger");
    private static final List<String> FLAGS = List.of("batch", "bare", "metrics");
    private static final Pattern PORT = Pattern.compile("\\{PORT(?:\\+([0-2]))?}");

    /**
     * Reads {@code headrace:io_uring:metrics}, {@code netty:linger}, or {@code c='./server {PORT}'}.
     *
     * @param servers whom {@code headrace serve} has
     * @throws IllegalArgumentException saying what was expected instead
     */
    static Entrant parse(String text, List<String> servers) {
        int equals = text.indexOf('=');
        if (equals >= 0) {
            return command(
                    text,
                    text.substring(0, equals).strip(),
                    text.substring(equals + 1).strip());
        }
        String[] words = text.split(":", -1);
        if (!servers.contains(words[0])) {
            throw bad(text, "one of " + servers + ", or NAME='COMMAND {PORT}'");
        }
        List<String> options = new ArrayList<>(List.of("--server", words[0]));
        for (String word : List.of(words).subList(1, words.length)) {
            if (TRANSPORTS.contains(word)) {
                options.addAll(List.of("--transport", word));
            } else if (CLOSES.contains(word)) {
                options.addAll(List.of("--close", word));
            } else if (FLAGS.contains(word)) {
                options.add("--" + word);
            } else {
                throw bad(text, "after a colon one of " + TRANSPORTS + ", " + CLOSES + " or " + FLAGS);
            }
        }
        return new Entrant(text, options, null);
    }

    private static Entrant command(String text, String name, String command) {
        if (name.isEmpty() || !PORT.matcher(command).find()) {
            throw bad(text, "NAME='COMMAND {PORT}', greeting on {PORT}, TCP echo on {PORT+1}, UDP echo on {PORT+2}");
        }
        return new Entrant(name, null, command);
    }

    private static IllegalArgumentException bad(String text, String expected) {
        return new IllegalArgumentException("server: " + text + " (expected: " + expected + ")");
    }

    /** The same under another name, for who takes part twice. */
    Entrant again(int time) {
        return new Entrant(name + "#" + time, options, command);
    }

    /** The command with its ports. */
    String commandOn(int port) {
        return PORT.matcher(command).replaceAll(found -> Integer.toString(port + offset(found.group(1))));
    }

    private static int offset(String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    @Override
    public String toString() {
        return command == null ? String.join(" ", options) : command;
    }
}
