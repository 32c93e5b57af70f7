package io.headrace.bench;

import io.headrace.bench.load.Scheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The JDK's blocking sockets, a virtual thread for each connection, for who accepts and for each datagram socket; what JEP 444 shows. The loops
 * are the threads that carry the virtual ones. A greeting is written and its socket closed: unread input turns that into a reset.
 */
final class JdkBaseline implements Baseline {
    private static final int BACKLOG = 4_096;
    private static final int CHUNK_BYTES = 8_192;
    private static final int MOST_DATAGRAM_BYTES = 65_535;

    private final ExecutorService threads;
    private final List<AutoCloseable> sockets = new ArrayList<>();

    JdkBaseline(Serving.Choices choices) {
        if (choices.backend() != null) {
            throw new UnsupportedOperationException(version() + " has blocking sockets only, nothing to choose");
        }
        // Read once, when the first virtual thread of this JVM is made.
        System.setProperty("jdk.virtualThreadScheduler.parallelism", Integer.toString(choices.loops()));
        threads = virtualThreads();
    }

    /** By reflection: Headrace compiles for Java 17, which has none. */
    private static ExecutorService virtualThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException none) {
            throw new UnsupportedOperationException(
                    runtime() + " has no virtual threads (expected: Java 21 or newer; JAVA_HOME picks it)", none);
        }
    }

    /** Whether this runtime has virtual threads. */
    static boolean available() {
        return Runtime.version().feature() >= 21;
    }

    @Override
    public SocketAddress listen(Target.Service service, SocketAddress address, Scheme scheme) throws IOException {
        return switch (scheme) {
            case TCP -> accept(service, address);
            case UDP -> receive(service, address);
            case TLS -> throw new UnsupportedOperationException(NO_TLS);
            case UNIX, UNIXGRAM ->
                throw new UnsupportedOperationException(version() + " has no blocking sockets for Unix addresses");
        };
    }

    private SocketAddress accept(Target.Service service, SocketAddress address) throws IOException {
        ServerSocket server = new ServerSocket();
        sockets.add(server);
        server.bind(address, BACKLOG);
        threads.execute(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    threads.execute(() -> serve(service, socket));
                }
            } catch (IOException closed) {
                // It was closed, or nothing more can be accepted.
            }
        });
        return server.getLocalSocketAddress();
    }

    private void serve(Target.Service service, Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            switch (service) {
                case GREET -> out.write(RawNetty.GREETING);
                case ECHO -> echo(in, out);
                case DISCARD -> in.transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException gone) {
            // So is this thread.
        }
    }

    private static void echo(InputStream in, OutputStream out) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        for (int bytes; (bytes = in.read(chunk)) >= 0; ) {
            out.write(chunk, 0, bytes);
        }
    }

    private SocketAddress receive(Target.Service service, SocketAddress address) throws IOException {
        DatagramSocket socket = new DatagramSocket((InetSocketAddress) address);
        sockets.add(socket);
        threads.execute(() -> {
            DatagramPacket datagram = new DatagramPacket(new byte[MOST_DATAGRAM_BYTES], MOST_DATAGRAM_BYTES);
            while (!socket.isClosed()) {
                try {
                    datagram.setLength(MOST_DATAGRAM_BYTES);
                    socket.receive(datagram);
                    if (service == Target.Service.ECHO) {
                        socket.send(datagram);
                    }
                } catch (IOException onePeersTrouble) {
                    // Not the end of the socket that all of them share.
                }
            }
        });
        return socket.getLocalSocketAddress();
    }

    @Override
    public String version() {
        return runtime();
    }

    private static String runtime() {
        return "Java " + System.getProperty("java.runtime.version");
    }

    @Override
    public String transport() {
        return "virtual threads";
    }

    @Override
    public void close() {
        for (AutoCloseable socket : sockets) {
            try {
                socket.close();
            } catch (Exception closedAnyway) {
                // There is nothing more to do.
            }
        }
        threads.shutdownNow(); // An interrupted virtual thread closes the socket that it waits for.
    }
}
