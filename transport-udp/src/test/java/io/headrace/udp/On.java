package io.headrace.udp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Loops;
import io.headrace.Loops.Backend;

/** Event loops for tests. */
final class On {

    private On() {}

    /** One thread on this backend; skips the test where the machine does not have it. */
    static Loops loops(Backend backend) {
        assumeTrue(backend.available(), () -> backend + " is not available here");
        return Loops.of(backend).threads(1);
    }
}
