package io.headrace.udp;

/**
 * Tells which answer belongs to which question, by something that both carry: a number, a name. A codec may be one too.
 *
 * @param <I> what comes in: answers
 * @param <O> what goes out: questions
 */
public interface Correlation<I, O> {

    /** What the answer will carry; with {@code equals} and {@code hashCode}, not null. Event loop only; consumes nothing. */
    Object ofQuestion(O question);

    /** What the question carried, or null where this is no answer. Event loop only; consumes nothing. */
    Object ofAnswer(I answer);
}
