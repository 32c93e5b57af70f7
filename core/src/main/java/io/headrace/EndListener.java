package io.headrace;

/** Hears how an exchange ended. One object may listen to every exchange of a loop. */
@FunctionalInterface
public interface EndListener {

    /** Event loop only. Must not throw. */
    void ended(Exchange<?> exchange, Outcome outcome);
}
