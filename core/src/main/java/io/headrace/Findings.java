package io.headrace;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        int width = all.stream()
                .mapToInt(finding -> finding.setting().length())
                .max()
                .orElse(1);
        return Stream.concat(Stream.of(subject), all.stream().map(finding -> finding.row(width)))
                .collect(Collectors.joining("\n"));
    }
}
