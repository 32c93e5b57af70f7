package io.headrace.bench.compare;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that is up, in a process of its own. */
final class Standing implements AutoCloseable {
    private static final int PATIENCE_S = 60;
    private static final int FIRST_PORT = 20_000; // Below what Linux gives to clients.
    private static final int LAST_PORT = 32_000;
    private static final Pattern PORT = Pattern.compile("\\w+=\\w+://127\\.0\\.0\\.1:(\\d+)");
    private static int nextPort = FIRST_PORT;

    private final Entrant entrant;
    private final Child child;
    private final int[] ports;
    private final String said;

    private Standing(Entrant entrant, Child child, int[] ports, String said) {
        this.entrant = entrant;
        this.child = child;
        this.ports = ports;
        this.said = said;
    }

    /**
     * How servers are started.
     *
     * @param main the class that has {@code serve}
     * @param flags of the JVMs of our own servers
     */
    record Start(String main, List<String> flags, Cores cores, int loops) {
        /** @throws IllegalStateException saying in one line why it could not */
        Standing of(Entrant entrant) throws IOException {
            return entrant.command() == null ? ours(entrant) : other(entrant);
        }

        private Standing ours(Entrant entrant) throws IOException {
            List<String> args = new ArrayList<>(List.of("serve"));
            args.addAll(entrant.options());
            args.addAll(List.of("--loops", Integer.toString(loops)));
            args.addAll(List.of("greet=tcp://127.0.0.1:0", "echo=tcp://127.0.0.1:0", "echo=udp://127.0.0.1:0"));
            Child child = Child.start(Child.java(cores.servers(), flags, main, args), true);
            String said = ready(entrant, child);
            int[] ports = new int[Workload.PORTS];
            Matcher port = PORT.matcher(said);
            for (int i = 0; i < ports.length && port.find(); i++) {
                ports[i] = Integer.parseInt(port.group(1));
            }
            return new Standing(entrant, child, ports, said);
        }

        private Standing other(Entrant entrant) throws IOException {
            int port = freePorts();
            List<String> command = new ArrayList<>(Cores.on(cores.servers()));
            command.addAll(List.of("sh", "-c", "exec " + entrant.commandOn(port)));
            Child child = Child.start(command, true);
            String said = ready(entrant, child);
            return new Standing(entrant, child, new int[] {port, port + 1, port + 2}, said);
        }

        private static String ready(Entrant entrant, Child child) throws IOException {
            String said = child.lineWith("ready", PATIENCE_S);
            if (said == null) {
                child.close();
                throw new IllegalStateException("cannot start " + entrant.name() + ": " + child.lastWords()
                        + " (expected: a line with 'ready' within " + PATIENCE_S + " s)");
            }
            child.drain();
            return said;
        }
    }

    /** The first of three that nobody has, now. */
    private static synchronized int freePorts() {
        for (int port = nextPort; port < LAST_PORT; port += Workload.PORTS) {
            if (free(port) && free(port + 1) && free(port + 2)) {
                nextPort = port + Workload.PORTS;
                return port;
            }
        }
        throw new IllegalStateException("no three free ports from " + FIRST_PORT + " to " + LAST_PORT);
    }

    private static boolean free(int port) {
        try (ServerSocket tcp = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                DatagramSocket udp = new DatagramSocket(new InetSocketAddress("127.0.0.1", port))) {
            return tcp.isBound() && udp.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    Entrant entrant() {
        return entrant;
    }

    /** For greetings, TCP echo and UDP echo. */
    int[] ports() {
        return ports;
    }

    long pid() {
        return child.pid();
    }

    /** Its line with 'ready'. */
    String said() {
        return said;
    }

    @Override
    public void close() {
        child.close();
    }
}
