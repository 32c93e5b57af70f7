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
    private final long deadlineNs;
    private ByteBuf encoded; // Null where it is not repeated.
    private long repeatNs;
    private int sent = 1;

    Question(Object key, CompletableFuture<I> answer, UdpOptions options, long nowNs) {
        this.key = key;
        this.answer = answer;
        this.waits = options.repeatAfter();
        this.deadlineNs = nowNs + options.answerTimeout().toNanos();
        this.repeatNs = waits.isEmpty() ? deadlineNs : nowNs + waits.get(0).toNanos();
    }

    /** Keeps a reference for repetitions, if there will be any. */
    void keep(Object sending) {
        if (!waits.isEmpty() && sending instanceof ByteBuf bytes) {
            encoded = bytes.retainedDuplicate();
        }
    }

    boolean late(long nowNs) {
        return nowNs - deadlineNs >= 0;
    }

    /** What to send once more now, or null. */
    ByteBuf repetition(long nowNs) {
        if (encoded == null || sent > waits.size() || nowNs - repeatNs < 0) {
            return null;
        }
        repeatNs = sent < waits.size() ? nowNs + waits.get(sent).toNanos() : deadlineNs;
        sent++;
        return encoded.retainedDuplicate();
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
