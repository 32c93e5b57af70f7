package io.headrace.udp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A network that a program of a test has to itself: nothing that it does there is seen outside. */
final class OwnNetwork {

    private OwnNetwork() {}

    /**
     * What starts a program in a network that these shell commands have prepared, for {@link io.headrace.contract.ChildJvm}; skips the test
     * where they fail.
     */
    static List<String> of(String commands) throws IOException, InterruptedException {
        List<String> wrapper = List.of("unshare", "-n", "sh", "-c", commands + " && exec \"$@\"", "sh");
        List<String> trial = new ArrayList<>(wrapper);
        trial.add("true");
        boolean works;
        try {
            works = new ProcessBuilder(trial)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noUnshare) {
            works = false;
        }
        assumeTrue(works, () -> "needs the right to make a network, and in it: " + commands);
        return wrapper;
    }
}
