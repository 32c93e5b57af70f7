package io.headrace.bench.load;

/** What a histogram of a slice holds, in nanoseconds. */
enum Timing {
    /** From the moment a request was due to the last byte of its answer. In a closed loop: from sending it. */
    RESPONSE("response"),
    /** From sending a request to the last byte of its answer. Open loop only: in a closed one it is the response. */
    SERVICE("service"),
    /** From the moment a request was due to the moment its connection was told so: how late this tool was. Open loop only. */
    SEND_LAG("send_lag"),
    /** From the call of connect to a connection that can be used, with its TLS handshake. */
    CONNECT("connect"),
    /** The age of a connection that was given up: it would have taken at least as long. */
    UNCONNECTED("unconnected"),
    /** The age of a request when it failed, or when the run ended: it would have taken at least as long. */
    UNANSWERED("unanswered");

    private final String key;

    Timing(String key) {
        this.key = key;
    }

    /** As JSON and CSV name it. */
    String key() {
        return key;
    }

    @Override
    public String toString() {
        return key.replace('_', ' ');
    }
}
