package io.headrace.udp;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A peer that does what Java cannot: a Python script. Ends when it is closed. */
final class Script implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;

    private Script(Process process) {
        this.process = process;
        this.said = process.inputReader();
    }

    /** Runs it with these arguments; skips the test where there is no Python. */
    static Script python(String script, Object... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "-c", script));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        try {
            return new Script(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException noPython) {
            return Assumptions.abort("needs Python 3");
        }
    }

    /** The next line that it says; null when it has ended. */
    String says() throws IOException {
        return said.readLine();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        said.close();
    }
}
