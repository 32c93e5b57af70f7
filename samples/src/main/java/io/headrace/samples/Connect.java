package io.headrace.samples;

import io.headrace.Client;
import io.headrace.CloseReason;
import io.headrace.tcp.FirstByteTimeout;
import io.headrace.tcp.IdleTimeout;
import io.headrace.tcp.Tcp;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The document's client: connects, prints what it receives until the end of the stream. */
@Command(
        name = "connect",
        description = "The document's client: connects, and prints what it receives until the end.",
        footer = {"", "Control bytes are shown as \\x1b. Example: ./headrace connect 127.0.0.1 12345"})
final class Connect implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "HOST", description = "Name or address; every address of a name is tried.")
    private String host;

    @Parameters(index = "1", paramLabel = "PORT", converter = Port.class, description = "1 to 65535.")
    private int port;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    /** Blocks until the server has closed. Each piece of text goes to {@code print}, which returns whether it wants more. */
    static void receive(String host, int port, Predicate<String> print) throws IOException {
        // tag::client[]
        Client<ByteBuf, Object> client = Tcp.connect(host, port)
                .with(FirstByteTimeout.off()) // Like the document's client it waits as long as it takes.
                .with(IdleTimeout.off())
                .converse(talk -> {
                    PeerText text = new PeerText();
                    boolean wanted = true;
                    for (ByteBuf bytes; wanted && (bytes = talk.receive()) != null; ) {
                        wanted = print.test(text.next(bytes));
                    }
                    print.test(text.end());
                })
                .start();
        // end::client[]
        CloseReason how = client.closed().toCompletableFuture().join();
        if (how != CloseReason.APPLICATION) { // That is, by the script above, at its end.
            throw new IOException("connection to " + host + ":" + port + " broke: " + how.tag());
        }
    }

    @Override
    public Integer call() throws IOException {
        Console console = new Console(spec.commandLine().getOut());
        receive(host, port, console::print);
        return console.status();
    }
}
