package io.headrace.torture;

import io.headrace.Endpoint;
import java.util.List;

/** What a case puts under test. In a child JVM it is a constant of {@link Servers}. */
@FunctionalInterface
interface Serving {
    /** The endpoint that the case is about, by this name. */
    String ROW = "row";

    Endpoint row(Ground ground);

    /** What stands beside it. */
    default List<Endpoint> others(Ground ground) {
        return List.of();
    }
}
