package io.headrace;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What was found when an endpoint was looked at before it starts. A value.
 *
 * @param subject the endpoint, as {@code tcp endpoint 'orders' on 127.0.0.1:7443}
 */
public record Findings(String subject, List<Finding> all) {

    public Findings {
        all = List.copyOf(all);
    }

    /** Whether it would start: nothing is an {@link Finding.Level#ERROR}. */
    public boolean good() {
        return of(Finding.Level.ERROR).isEmpty();
    }

    /** Those of one level. */
    public List<Finding> of(Finding.Level level) {
        return all.stream().filter(finding -> finding.level() == level).toList();
    }

    /** The subject, and a line for each finding. */
    @Override
    public String toString() {
        return subject
                + all.stream().map(Finding::row).collect(Collectors.joining("\n", all.isEmpty() ? "" : "\n", ""));
    }
}
