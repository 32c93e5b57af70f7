package io.headrace.samples;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.headrace.Server;
import io.headrace.Text;
import io.headrace.tcp.Tcp;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The document's server and its client in one go. */
@Command(name = "demo", description = "Both in one go: a greeting server, and a client that it greets.")
final class Demo implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    @Override
    public Integer call() throws IOException {
        ((Logger) LoggerFactory.getLogger("io.headrace")).setLevel(Level.WARN); // Here the two programs speak.
        Console console = new Console(spec.commandLine().getOut());
        try (Server server = Greet.endpoint(Tcp.listen(0), line -> console.line("server: " + line))
                .start()) {
            console.line("server: listening on " + Text.of(server.address()));
            StringBuilder received = new StringBuilder();
            Connect.receive("127.0.0.1", server.port(), text -> received.append(text) != null);
            console.print("client: " + received);
        }
        return console.status();
    }
}
