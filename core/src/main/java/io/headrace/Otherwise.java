package io.headrace;

/** What is answered when an exchange ends without a reply. */
@FunctionalInterface
public interface Otherwise<I, O> {

    /** Event loop only. {@code outcome} is {@link Outcome#FAILED}, {@link Outcome#REFUSED} or {@link Outcome#EXPIRED}. */
    O answer(I message, Outcome outcome);
}
