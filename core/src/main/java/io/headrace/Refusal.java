package io.headrace;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * How a peer that may not come in is refused. A value.
 *
 * <p>A refused peer that has sent something already still sees an end, not a reset: its socket is shut down and read for at most 1 s and 256
 * KiB. At most 256 of an endpoint wait so at a time, fewer where descriptors are short; then refusals are resets.
 */
public final class Refusal {
    /** The longest last word: a fresh socket surely has room for this much. */
    public static final int MAX_WORD_BYTES = 4_096;

    private static final Refusal FINISHING = new Refusal(Manner.FINISH, new byte[0], Duration.ZERO);
    private static final Refusal RESETTING = new Refusal(Manner.RESET, new byte[0], Duration.ZERO);
    private static final Refusal WAITING = new Refusal(Manner.WAIT, new byte[0], Duration.ZERO);

    /** What happens to the peer. */
    public enum Manner {
        FINISH,
        RESET,
        WAIT,
        HOLD
    }

    private final Manner manner;
    private final byte[] word;
    private final Duration time;

    private Refusal(Manner manner, byte[] word, Duration time) {
        this.manner = manner;
        this.word = word;
        this.time = time;
    }

    /** The peer finds the end of the stream at once (FIN). */
    public static Refusal finishing() {
        return FINISHING;
    }

    /** The peer is told why, in UTF-8, and then finds the end of the stream. Before any TLS, so in the clear. */
    public static Refusal saying(String word) {
        return saying(word.getBytes(StandardCharsets.UTF_8));
    }

    /** The same in bytes: {@code word} is copied. */
    public static Refusal saying(byte[] word) {
        return new Refusal(Manner.FINISH, word.clone(), Duration.ZERO);
    }

    /** The peer is reset, and its port is free at once. Unix-domain sockets know no reset: there it finds the end. */
    public static Refusal resetting() {
        return RESETTING;
    }

    /**
     * The peer waits, unread, until it may come in: the endpoint stops accepting, so that those after it wait in the operating system's queue.
     * When the server stops they are refused.
     */
    public static Refusal waiting() {
        return WAITING;
    }

    /** The peer is kept for so long, unread, before it finds the end: it costs an attacker time, and us a descriptor. Bounded as all are. */
    public static Refusal holding(Duration time) {
        return new Refusal(Manner.HOLD, new byte[0], time);
    }

    /** Adds what is wrong with it, under the name of the stage that has it. */
    public void check(Problems problems, String stage) {
        problems.expect(
                word.length <= MAX_WORD_BYTES, stage + ".refusing", word.length + " bytes", "<= " + MAX_WORD_BYTES);
        if (manner == Manner.HOLD) {
            problems.expectPositive(stage + ".refusing", time);
        }
    }

    public Manner manner() {
        return manner;
    }

    /** What it says; empty where it says nothing. A copy. */
    public byte[] word() {
        return word.clone();
    }

    /** How long a peer is held. */
    public Duration time() {
        return time;
    }

    @Override
    public String toString() {
        return switch (manner) {
            case FINISH -> word.length == 0 ? "finishing" : "saying " + word.length + " bytes";
            case RESET -> "resetting";
            case WAIT -> "waiting";
            case HOLD -> "holding " + Text.of(time);
        };
    }
}
