package io.headrace;

import java.util.Locale;

/**
 * One thing that was looked at before an endpoint starts.
 *
 * @param setting what it is about, by the name under which it is set
 * @param found what there is
 * @param expected what it should be, or how to mend it; empty where all is well
 */
public record Finding(Level level, String setting, String found, String expected) {

    /** How bad it is. */
    public enum Level {
        /** As it should be. */
        OK,
        /** It starts, and may surprise; logged once at start. */
        WARN,
        /** It cannot start. */
        ERROR;

        @Override
        public String toString() {
            return this == OK ? "ok" : name();
        }
    }

    /** {@code backlog: 0 (expected: >= 1)}. */
    @Override
    public String toString() {
        return setting + ": " + found + (expected.isEmpty() ? "" : " (expected: " + expected + ")");
    }

    /** The same in columns, that of the setting so wide. */
    String row(int width) {
        String advice = expected.isEmpty() ? "" : " (expected: " + expected + ")";
        return String.format(Locale.ROOT, "  %-5s  %-" + width + "s  %s%s", level, setting, found, advice);
    }
}
