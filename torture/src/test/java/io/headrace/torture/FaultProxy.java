package io.headrace.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A bad network between a client and a server on loopback: {@code FaultProxy.to(port).slice(1).latency(...).open()}.
 *
 * <p>Each direction of each connection is a {@link Pipe} with threads of its own. The faults stand in both directions, or in one where the method
 * says so. Chance has a part in jitter only, and that is seeded: the same seed makes the same delays ({@link Delay}), in the order in which
 * connections come.
 */
final class FaultProxy implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 64;

    /** What is done to what passes; nothing where nothing is said. */
    static final class Faults {
        private final int server;
        long seed = 1;
        int sliceBytes;
        Duration latency = Duration.ZERO;
        Duration jitter = Duration.ZERO;
        int bytesPerSecond;
        Duration closeDelay = Duration.ZERO;
        long limitBytes;
        long resetAfterBytes;
        boolean blackHole;

        private Faults(int server) {
            this.server = server;
        }

        Faults seed(long seed) {
            this.seed = seed;
            return this;
        }

        /** In pieces of so many bytes. */
        Faults slice(int bytes) {
            sliceBytes = bytes;
            return this;
        }

        /** So much later, give or take the jitter; never out of order. */
        Faults latency(Duration latency, Duration jitter) {
            this.latency = latency;
            this.jitter = jitter;
            return this;
        }

        Faults bandwidth(int bytesPerSecond) {
            this.bytesPerSecond = bytesPerSecond;
            return this;
        }

        /** The end of a stream is told so much later. */
        Faults slowClose(Duration delay) {
            closeDelay = delay;
            return this;
        }

        /** Closes both ends when so many bytes have passed toward the client. */
        Faults limit(long bytes) {
            limitBytes = bytes;
            return this;
        }

        /** Resets both ends when so many bytes have passed toward the server. */
        Faults reset(long afterBytes) {
            resetAfterBytes = afterBytes;
            return this;
        }

        /** Takes everything and tells nobody, the end of a stream neither. */
        Faults blackHole() {
            blackHole = true;
            return this;
        }

        FaultProxy open() throws IOException {
            return new FaultProxy(this);
        }
    }

    private final Faults faults;
    private final Random seeds;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    private FaultProxy(Faults faults) throws IOException {
        this.faults = faults;
        this.seeds = new Random(faults.seed);
        this.listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        thread("fault-proxy", this::accept);
    }

    /** Toward the server on this port of loopback; without a fault yet. */
    static Faults to(int port) {
        return new Faults(port);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                if (sockets.size() >= 2 * MAX_CONNECTIONS) {
                    client.close();
                    continue;
                }
                connect(client);
            }
        } catch (IOException closed) {
            // The case is over.
        }
    }

    private void connect(Socket client) throws IOException {
        Socket toServer = new Socket();
        sockets.add(client);
        sockets.add(toServer);
        toServer.connect(new InetSocketAddress("127.0.0.1", faults.server), 10_000);
        client.setTcpNoDelay(true);
        toServer.setTcpNoDelay(true);
        Runnable cut = () -> {
            close(client);
            close(toServer);
        };
        Runnable reset = () -> {
            linger0(client);
            linger0(toServer);
            cut.run();
        };
        new Pipe(client, toServer, faults, seeds.nextLong(), faults.resetAfterBytes, reset).start();
        new Pipe(toServer, client, faults, seeds.nextLong(), faults.limitBytes, cut).start();
    }

    private static void linger0(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException alreadyClosed) {
            // Then it needs no reset.
        }
    }

    private void close(Socket socket) {
        try {
            sockets.remove(socket);
            socket.close();
        } catch (IOException cannotClose) {
            throw new UncheckedIOException(cannotClose);
        }
    }

    static void thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            close(socket);
        }
    }
}
