package io.headrace.torture;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One event of the server's log. {@code atMs} by the server's own clock; only differences mean anything. */
record LogLine(long atMs, String level, String message, boolean stack) {
    /** As {@code tcp endpoint 'row' on 127.0.0.1:0: frame_too_large: ...}: the reason is a constant of the code. */
    private static final Pattern REPORT = Pattern.compile("^(\\w+ endpoint '[^']*' on .+?): ([a-z_ ]+): .*");

    /** Endpoint and reason, or null for what is no report about trouble with peers. */
    String reason() {
        Matcher report = REPORT.matcher(message);
        return report.find() ? report.group(1) + " " + report.group(2) : null;
    }

    boolean says(String reason) {
        String own = reason();
        return own != null && own.endsWith(" " + reason);
    }
}
