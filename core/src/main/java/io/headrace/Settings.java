package io.headrace;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What endpoints that start together were told, judged together and before anything is open. */
final class Settings {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final Set<String> names = new HashSet<>();
    private final Set<String> claims = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private final List<Findings> advice = new ArrayList<>();

    private Settings() {}

    /**
     * Logs what may surprise.
     *
     * @throws IllegalArgumentException naming all that keeps any of them from starting
     */
    static void require(List<Endpoint> endpoints) {
        Settings settings = new Settings();
        if (endpoints.isEmpty()) {
            settings.problems.add("endpoints: none (expected: at least one)");
        }
        endpoints.forEach(settings::judge);
        if (!settings.problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", settings.problems));
        }
        for (Findings each : settings.advice) {
            each.of(Finding.Level.WARN).forEach(finding -> LOG.warn("{}: {}", each.subject(), finding));
        }
    }

    private void judge(Endpoint endpoint) {
        Problems own = endpoint.problems();
        own.expect(names.add(endpoint.name()), "name", endpoint.name(), "unique in the server");
        for (String claim : endpoint.claims()) {
            own.expect(claims.add(claim), "address", claim, "one endpoint per address");
        }
        if (!own.none()) {
            problems.add(own.toString());
        }
        advice.add(own.findings());
    }
}
