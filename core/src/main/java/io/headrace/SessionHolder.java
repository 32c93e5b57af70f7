package io.headrace;

/** A peer that has a session. For transports. */
public interface SessionHolder {

    /** The session that {@link Application#session} gave for it, or null. Event loop only. */
    <I> Session<I> session();
}
