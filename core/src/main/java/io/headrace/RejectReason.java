package io.headrace;

import java.util.Locale;

/** Why a peer that connected did not become a connection. Also the value of the {@code reason} tag. */
public enum RejectReason {
    /** The endpoint has as many connections as it may. */
    LIMIT("as many connections as ConnectionLimit allows are open"),
    /** The endpoints that share a budget of connections have used it up. */
    BUDGET("the budget of connections is used up"),
    /** Its address has as many connections as it may. */
    ADDRESS_LIMIT("its address has as many connections as ConnectionLimit.perAddress allows"),
    /** Too many connect too quickly. */
    RATE("more connect in a second than AcceptRate allows"),
    /** Too many connect too quickly from its address. */
    ADDRESS_RATE("more connect from its address in a second than AcceptRate.perAddress allows"),
    /** A rule about addresses. */
    DENIED("denied by AddressRules"),
    /** Its address has broken the protocol too often. */
    BANNED("its address has broken the protocol too often, and Ban keeps it out for a time"),
    /** The server stops. */
    DRAINING("the server stops"),
    /** Memory is short. */
    MEMORY("memory is short"),
    /** A gate of the application's own refused it. */
    APPLICATION("refused by the application"),
    /** A gate threw. */
    GATE_FAILED("a gate threw");

    private final String tag = name().toLowerCase(Locale.ROOT);
    private final String words;

    RejectReason(String words) {
        this.words = words;
    }

    /** The tag value: the name in lower case. */
    public String tag() {
        return tag;
    }

    /** For the log: what refused it. */
    public String words() {
        return words;
    }
}
