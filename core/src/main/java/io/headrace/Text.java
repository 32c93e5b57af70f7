package io.headrace;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Locale;

/** Text from or about a peer, fit for a log or a terminal. */
public final class Text {
    private static final int MAX_LENGTH = 128;

    private Text() {}

    /** {@code 127.0.0.1:7000}, without asking a name service. */
    public static String of(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            return inet.isUnresolved()
                    ? inet.getHostString() + ":" + inet.getPort()
                    : host(inet) + ":" + inet.getPort();
        }
        String text = address == null ? "" : escaped(address.toString());
        return text.isEmpty() ? "(unnamed)" : text;
    }

    private static String host(InetSocketAddress inet) {
        String host = inet.getAddress().getHostAddress();
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }

    /** {@code 30s}, {@code 5m}, {@code 1h30m}. */
    public static String of(Duration duration) {
        return duration == null ? "null" : duration.toString().replace("PT", "").toLowerCase(Locale.ROOT);
    }

    /** What went wrong in the operating system's words, without the name of the call that Netty's natives put before them. */
    public static String words(Throwable cause) {
        String message = cause.getMessage();
        if (message == null) {
            return cause.getClass().getSimpleName();
        }
        String words = message.replaceFirst("^[\\w ]+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ", "");
        Throwable deeper = cause.getCause();
        if (deeper == null || deeper.getMessage() == null) {
            return words;
        }
        String below = words(deeper);
        return words.contains(below) ? words : words + ": " + below;
    }

    /** With control characters escaped, and cut at 128 characters. */
    public static String escaped(String text) {
        String cut = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
        return printable(cut);
    }

    /** With control characters escaped as {@code \x1b}, line breaks and what changes the direction of text too. */
    public static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (fitToPrint(c)) {
                out.appendCodePoint(c);
            } else {
                out.append(String.format(c < 0x100 ? "\\x%02x" : "\\u%04x", c));
            }
        });
        return out.toString();
    }

    private static boolean fitToPrint(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
