package io.headrace;

/** Plain blocking code for one connection; the connection closes when it returns or throws. */
@FunctionalInterface
public interface Script<I, O> {

    void run(Conversation<I, O> talk) throws Exception;
}
