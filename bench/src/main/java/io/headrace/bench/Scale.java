package io.headrace.bench;

import io.headrace.Loops;
import io.headrace.Server;
import io.headrace.udp.Udp;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code headrace scale}: what more event loops do for datagrams. */
@Command(
        name = "scale",
        sortOptions = false,
        description = "Echoes datagrams on more and more event loops, in this process, and says what each costs.",
        footer = {"", "Example: headrace scale --loops 1,2,4,8 -d 5"})
final class Scale implements Callable<Integer> {
    private static final int MOST = 64;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--loops",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2,4,8",
            description = "How many event loops, each with a socket. Default: ${DEFAULT-VALUE}.")
    private List<Integer> loops;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "S",
            defaultValue = "5",
            description = "Seconds to measure each, after half of that to warm up. Default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Option(names = "--spread", description = "One socket for all loops, whose peers are spread over them.")
    private boolean spread;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description =
                    "How many threads send. Default: two for each loop, as far as there are processors beside the loops.")
    private Integer threads;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    @Override
    public Integer call() throws Exception {
        if (seconds <= 0 || loops.stream().anyMatch(n -> n < 1 || n > MOST) || (threads != null && threads < 1)) {
            throw new ParameterException(
                    spec.commandLine(), "--loops: 1 to " + MOST + ", --duration: > 0, --threads: >= 1 (expected)");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                "| loops | sockets | sending threads | datagrams/s | server CPU, ns per datagram | out of order | not answered |");
        out.println("|---|---|---|---|---|---|---|");
        long disorder = 0;
        for (int n : loops) {
            disorder += measure(n, out);
            out.flush();
        }
        return disorder == 0 ? 0 : 1;
    }

    private long measure(int n, PrintWriter out) throws Exception {
        int senders = threads != null
                ? threads
                : Math.max(1, Math.min(2 * n, Runtime.getRuntime().availableProcessors() - n));
        var setup = Udp.listen(0).loops(Loops.auto().threads(n).named(Serving.LOOP_NAME));
        List<EchoPeers> peers = new ArrayList<>();
        try (Server server = (spread ? setup.spread() : setup.sockets(n))
                .reply(bytes -> bytes)
                .start()) {
            for (int i = 0; i < senders; i++) {
                peers.add(EchoPeers.to(server.port()));
            }
            pause(seconds / 2);
            long answered = sum(peers);
            long startNs = System.nanoTime();
            LoopUse before = LoopUse.now();
            pause(seconds);
            LoopUse used = LoopUse.now().since(before);
            double tookS = (System.nanoTime() - startNs) / 1e9;
            answered = Math.max(1, sum(peers) - answered);
            stop(peers);
            long disorder = peers.stream().mapToLong(EchoPeers::outOfOrder).sum();
            long missing = peers.stream().mapToLong(EchoPeers::notAnswered).sum();
            out.printf(
                    Locale.ROOT,
                    "| %d | %d | %d | %,.0f | %,d | %d | %d |%n",
                    n,
                    spread ? 1 : n,
                    senders,
                    answered / tookS,
                    used.cpuNs() / answered,
                    disorder,
                    missing);
            return disorder;
        } finally {
            stop(peers);
        }
    }

    private static long sum(List<EchoPeers> peers) {
        return peers.stream().mapToLong(EchoPeers::answered).sum();
    }

    private static void stop(List<EchoPeers> peers) throws IOException {
        for (EchoPeers each : peers) {
            each.close();
        }
    }

    private static void pause(double seconds) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
    }
}
