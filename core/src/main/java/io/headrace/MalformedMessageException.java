package io.headrace;

/** A frame that a codec does not understand: the peer's fault, so it has no stack trace. */
public final class MalformedMessageException extends Exception {
    private static final long serialVersionUID = 1;

    public MalformedMessageException(String message) {
        super(message, null, false, false);
    }
}
