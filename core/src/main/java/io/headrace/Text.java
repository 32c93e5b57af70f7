package io.headrace;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

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

    /** With control characters escaped, and cut at 128 characters. */
    public static String escaped(String text) {
        String cut = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
        return printable(cut);
    }

    /** With control characters escaped as {@code \x1b}, line breaks too. */
    public static String printable(String text) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                if (out == null) {
                    out = new StringBuilder(text.length() + 16).append(text, 0, i);
                }
                out.append(c < 0x100 ? String.format("\\x%02x", (int) c) : String.format("\\u%04x", (int) c));
            } else if (out != null) {
                out.append(c);
            }
        }
        return out == null ? text : out.toString();
    }
}
