package io.headrace;

import java.util.Locale;

/** How an exchange ended. Also the value of the {@code outcome} tag. */
public enum Outcome {
    /** With a reply. */
    REPLIED,
    /** Without a reply, as meant. */
    CONSUMED,
    /** The handler threw, or its answer could not be encoded. */
    FAILED,
    /** A limit turned it away before the handler saw it. */
    REFUSED,
    /** Its deadline passed. */
    EXPIRED,
    /** Its connection ended first. */
    ABANDONED;

    private final String tag = name().toLowerCase(Locale.ROOT);

    /** The tag value: the name in lower case. */
    public String tag() {
        return tag;
    }
}
