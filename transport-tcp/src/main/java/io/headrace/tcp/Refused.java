package io.headrace.tcp;

import io.headrace.Refusal;

/**
 * A peer that was refused and is seen off without a reset. It is no connection: nobody else hears of it. Event loop only.
 *
 * <pre>
 *  HELD --the time is over--> LINGERING --peer's FIN, 1 s or 256 KiB--> gone
 * </pre>
 */
abstract class Refused implements Lingering.Waiting {
    private final StreamLoop<?, ?> home;
    private Runnable onGone;
    private boolean held;

    Refused(StreamLoop<?, ?> home) {
        this.home = home;
    }

    /** Sees it off; {@code onGone} runs once, when its descriptor is free. */
    final void seeOff(Refusal how, Runnable onGone) {
        this.onGone = onGone;
        held = how.manner() == Refusal.Manner.HOLD;
        if (held) {
            home.lingering().addUntil(this, nowNs() + how.time().toNanos());
        } else {
            finish(how.word());
        }
    }

    private long nowNs() {
        return home.open().nanoTime();
    }

    /** Says a last word, shuts our side down, and calls {@link #linger} or {@link #close}. */
    abstract void finish(byte[] word);

    final void linger() {
        home.lingering().add(this, nowNs());
    }

    /** Closes it and calls {@link #gone}. */
    abstract void close();

    final void gone() {
        Runnable once = onGone;
        onGone = null;
        if (once != null) {
            once.run();
        }
    }

    final boolean isGone() {
        return onGone == null;
    }

    final boolean held() {
        return held;
    }

    final boolean sentTooMuch(int wastedBytes) {
        return home.lingering().sentTooMuch(wastedBytes);
    }

    @Override
    public final boolean lingers() {
        return !held;
    }

    @Override
    public final void cutOff() {
        if (held) {
            held = false;
            finish(new byte[0]);
        } else {
            close();
        }
    }
}
