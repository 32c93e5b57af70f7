package io.headrace;

import java.util.Locale;

/** Why the operating system gave no socket though a peer had connected. Also the value of the {@code reason} tag. */
public enum AcceptError {
    /** The process has no descriptor left. */
    EMFILE,
    /** The system has no descriptor left. */
    ENFILE,
    /** The system has no memory for a socket. */
    MEMORY,
    /** The peer was gone before it was accepted. */
    ABORTED,
    /** Anything else; the log says what. */
    OTHER;

    private final String tag = name().toLowerCase(Locale.ROOT);

    /** The tag value: the name in lower case. */
    public String tag() {
        return tag;
    }
}
