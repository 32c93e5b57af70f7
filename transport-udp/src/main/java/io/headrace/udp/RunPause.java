package io.headrace.udp;

/**
 * How long runs are not tried after the system has refused one: for so many datagrams, and for twice as many after each refusal until a run
 * is taken again. Nothing is off for ever, because a peer can have a run refused, by a narrow path. Event loop only.
 */
final class RunPause {
    static final int SHORTEST = 64;
    static final int LONGEST = 65_536;

    private int next = SHORTEST;
    private int left;

    /** Whether a datagram that is sent now may be part of a run. */
    boolean over() {
        if (left == 0) {
            return true;
        }
        left--;
        return false;
    }

    /** Begins, unless it lasts: then the run was under way before. */
    void begin() {
        if (left == 0) {
            left = next;
            next = Math.min(LONGEST, 2 * next);
        }
    }

    /** A run was taken: the next pause is short. */
    void taken() {
        next = SHORTEST;
    }
}
