package io.headrace.tcp;

import io.headrace.CloseReason;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What everybody is told who asks why a connection has ended: once it has, and all of them the same. Any thread. */
abstract class EndNotice {
    /** Nobody has asked yet, and it has ended: one for all connections, because those who ask are given copies. */
    private static final Map<CloseReason, CompletableFuture<CloseReason>> ENDED = Stream.of(CloseReason.values())
            .collect(Collectors.toUnmodifiableMap(Function.identity(), CompletableFuture::completedFuture));

    private CompletableFuture<CloseReason> closed; // Guarded by this; null until somebody asks or it ends.

    /** As {@link io.headrace.Connection#closed()}. */
    public CompletionStage<CloseReason> closed() {
        synchronized (this) {
            if (closed == null) {
                closed = new CompletableFuture<>();
            }
            return closed.minimalCompletionStage();
        }
    }

    /** It has ended, and this is the reason that was counted. Once. */
    final void tellClosed(CloseReason reason) {
        CompletableFuture<CloseReason> asked;
        synchronized (this) {
            asked = closed;
            if (asked == null) {
                closed = ENDED.get(reason);
            }
        }
        if (asked != null) {
            asked.complete(reason);
        }
    }
}
