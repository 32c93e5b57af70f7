package io.headrace.udp;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A question that waits for its answer. Event loop only. */
final class Question<I> {
    final Object key;
    final CompletableFuture<I> answer;
    private final List<Duration> waits;
    private final long timeoutNs;
    private final long askedNs; // By the loop's clock.
    private ByteBuf encoded; // Null where it is not repeated.
    private long repeatAfterNs; // It was asked.
    private int sent = 1;
    private Throwable failure; // Null while nothing has gone wrong.

    Question(Object key, CompletableFuture<I> answer, UdpOptions options, long nowNs) {
        this.key = key;
        this.answer = answer;
        this.waits = options.repeatAfter();
        this.timeoutNs = options.answerTimeout().toNanos();
        this.askedNs = nowNs;
        this.repeatAfterNs = waits.isEmpty() ? timeoutNs : waits.get(0).toNanos();
    }

    /** Keeps a reference for repetitions, if there will be any. */
    void keep(Object sending) {
        if (!waits.isEmpty() && sending instanceof ByteBuf bytes) {
            encoded = bytes.retainedDuplicate();
        }
    }

    long askedNs() {
        return askedNs;
    }

    /** Whether it has waited long enough. */
    boolean late(long waitedNs) {
        return waitedNs >= timeoutNs;
    }

    /** What to send once more when it has waited so long, or null. */
    ByteBuf repetition(long waitedNs) {
        if (encoded == null || sent > waits.size() || waitedNs < repeatAfterNs) {
            return null;
        }
        repeatAfterNs = sent < waits.size() ? waitedNs + waits.get(sent).toNanos() : timeoutNs;
        sent++;
        return encoded.retainedDuplicate();
    }

    /** It could not be sent, or the peer's system complained while it was open. */
    void failed(Throwable cause) {
        failure = cause;
    }

    /** What went wrong last, or null. */
    Throwable failure() {
        return failure;
    }

    /** How often it was sent. */
    int sent() {
        return sent;
    }

    void release() {
        if (encoded != null) {
            encoded.release();
            encoded = null;
        }
    }
}
