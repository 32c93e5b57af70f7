package io.headrace;

/** An endpoint could not start; the message says what was tried, on what, and why not. Nothing is left open. */
public final class CannotStartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CannotStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
