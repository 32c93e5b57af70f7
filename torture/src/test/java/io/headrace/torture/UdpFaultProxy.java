package io.headrace.torture;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A network that loses, doubles and swaps datagrams between clients and a server on loopback. Seeded; at most 64 clients. */
final class UdpFaultProxy implements AutoCloseable {
    private static final int MAX_CLIENTS = 64;
    private static final int MAX_BYTES = 65_507;

    private final SocketAddress server;
    private final Random random;
    private final double drop;
    private final double duplicate;
    private final double swap;
    private final DatagramSocket front = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
    private final Map<SocketAddress, DatagramSocket> clients = new ConcurrentHashMap<>();
    private final AtomicInteger taken = new AtomicInteger();

    /** Each of the three as a probability, in both directions. */
    private UdpFaultProxy(int port, long seed, double drop, double duplicate, double swap) throws IOException {
        this.server = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
        this.random = new Random(seed);
        this.drop = drop;
        this.duplicate = duplicate;
        this.swap = swap;
        FaultProxy.thread("udp-fault-proxy", this::fromClients);
    }

    static UdpFaultProxy to(int port, long seed, double drop, double duplicate, double swap) throws IOException {
        return new UdpFaultProxy(port, seed, drop, duplicate, swap);
    }

    /** Datagrams from clients whose fate is settled. */
    int taken() {
        return taken.get();
    }

    int port() {
        return front.getLocalPort();
    }

    private void fromClients() {
        Way toServer = new Way();
        try {
            while (true) {
                DatagramPacket packet = receive(front);
                DatagramSocket behind = clients.get(packet.getSocketAddress());
                if (behind == null) {
                    behind = connect(packet.getSocketAddress());
                }
                if (behind != null) {
                    toServer.pass(behind, packet.getData(), server);
                }
                taken.incrementAndGet();
            }
        } catch (IOException closed) {
            // The case is over.
        }
    }

    private DatagramSocket connect(SocketAddress client) throws IOException {
        if (clients.size() >= MAX_CLIENTS) {
            return null;
        }
        DatagramSocket behind = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        clients.put(client, behind);
        FaultProxy.thread("udp-fault-proxy-back", () -> fromServer(behind, client));
        return behind;
    }

    private void fromServer(DatagramSocket behind, SocketAddress client) {
        Way toClient = new Way();
        try {
            while (true) {
                toClient.pass(front, receive(behind).getData(), client);
            }
        } catch (IOException closed) {
            // The case is over.
        }
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[MAX_BYTES], MAX_BYTES);
        socket.receive(packet);
        packet.setData(Arrays.copyOf(packet.getData(), packet.getLength()));
        return packet;
    }

    private synchronized boolean happens(double probability) {
        return random.nextDouble() < probability;
    }

    /** One direction: it may hold one datagram back, to send it behind the next. */
    private final class Way {
        private byte[] held;

        void pass(DatagramSocket by, byte[] bytes, SocketAddress to) throws IOException {
            if (happens(drop)) {
                return;
            }
            if (held == null && happens(swap)) {
                held = bytes;
                return;
            }
            send(by, bytes, to);
            if (happens(duplicate)) {
                send(by, bytes, to);
            }
            if (held != null) {
                send(by, held, to);
                held = null;
            }
        }

        private void send(DatagramSocket by, byte[] bytes, SocketAddress to) throws IOException {
            by.send(new DatagramPacket(bytes, bytes.length, to));
        }
    }

    @Override
    public void close() {
        front.close();
        clients.values().forEach(DatagramSocket::close);
    }
}
