package io.headrace.tcp;

import io.headrace.AcceptError;
import io.headrace.Reports;
import io.headrace.Watch;
import io.netty.channel.unix.Errors;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What one listening socket does when accepting fails: it counts, says so once, and tries again after a time that doubles. A listener that
 * is readable and cannot accept would spin otherwise. Event loop only.
 */
final class AcceptErrors {
    private static final long FIRST_PAUSE_MS = 5;
    private static final long LONGEST_PAUSE_MS = 1_000;
    private static final int ENOMEM = -12;
    private static final int ENFILE = -23;
    private static final int EMFILE = -24;
    private static final int LINUX_EPROTO = -71;
    private static final int LINUX_ECONNABORTED = -103;
    private static final int LINUX_ENOBUFS = -105;
    private static final int BSD_ECONNABORTED = -53;
    private static final int BSD_ENOBUFS = -55;

    private final EventExecutor executor;
    private final Watch watch;
    private final Reports reports;
    private final AcceptHold hold;
    private long pauseMs = FIRST_PAUSE_MS;
    private boolean stopping;
    private boolean rested; // Since somebody asked.

    AcceptErrors(EventExecutor executor, Watch watch, Reports reports, AcceptHold hold) {
        this.executor = executor;
        this.watch = watch;
        this.reports = reports;
        this.hold = hold;
    }

    /** A socket was accepted. */
    void accepted() {
        pauseMs = FIRST_PAUSE_MS;
    }

    /** One was accepted whose peer had left again. */
    void aborted() {
        watch.acceptFailed(AcceptError.ABORTED);
    }

    void failed(Throwable cause) {
        boolean onItsWay = hold.held(AcceptHold.BACKOFF); // It was asked for before accepting was held.
        hold.hold(AcceptHold.BACKOFF); // Before anything that may itself want a descriptor.
        rested = true;
        if (!onItsWay) {
            executor.schedule(this::tryAgain, pauseMs, TimeUnit.MILLISECONDS);
        }
        AcceptError error = judge(cause);
        watch.acceptFailed(error);
        if (onItsWay) {
            return;
        }
        if (error != AcceptError.ABORTED && !stopping) {
            pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
        }
        reports.warn("accept " + error.tag(), () -> cause.getMessage() + "; the listener tries again", null);
    }

    /** Those who wait in the system's queue are to be let in while there is time: it tries again now, and never rests for long any more. */
    void stopping() {
        stopping = true;
        pauseMs = FIRST_PAUSE_MS;
        tryAgain();
    }

    /** Whether it has left the listener alone since this was last asked, even for a part of that time. */
    boolean restedSinceAsked() {
        boolean did = rested;
        rested = hold.held(AcceptHold.BACKOFF);
        return did;
    }

    private void tryAgain() {
        hold.letGo(AcceptHold.BACKOFF);
    }

    static AcceptError judge(Throwable cause) {
        if (cause instanceof Errors.NativeIoException known) {
            return switch (known.expectedErr()) {
                case EMFILE -> AcceptError.EMFILE;
                case ENFILE -> AcceptError.ENFILE;
                case ENOMEM, LINUX_ENOBUFS, BSD_ENOBUFS -> AcceptError.MEMORY;
                case LINUX_ECONNABORTED, LINUX_EPROTO, BSD_ECONNABORTED -> AcceptError.ABORTED;
                default -> AcceptError.OTHER;
            };
        }
        if (cause instanceof OutOfMemoryError) {
            return AcceptError.MEMORY;
        }
        return judge(String.valueOf(cause.getMessage()));
    }

    /** The JDK gives nothing but the system's words. */
    private static AcceptError judge(String words) {
        if (words.contains("Too many open files in system")) {
            return AcceptError.ENFILE;
        }
        if (words.contains("Too many open files")) {
            return AcceptError.EMFILE;
        }
        if (words.contains("No buffer space") || words.contains("Cannot allocate memory")) {
            return AcceptError.MEMORY;
        }
        return words.contains("connection abort") ? AcceptError.ABORTED : AcceptError.OTHER;
    }
}
