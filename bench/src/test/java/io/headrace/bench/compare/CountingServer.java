package io.headrace.bench.compare;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** Somebody else's server: greets and echoes by plain threads, and writes what it has done into a file when it is told to end. */
final class CountingServer {
    private static final AtomicLong GREETINGS = new AtomicLong();
    private static final AtomicLong ECHOED_BYTES = new AtomicLong();

    private interface Service {
        void serve(Socket socket) throws IOException;
    }

    private CountingServer() {}

    /** @param args the first of its ports, and the file */
    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> write(Path.of(args[1]))));
        listen(port, socket -> {
            socket.getOutputStream().write("Thank you for connecting".getBytes(US_ASCII));
            GREETINGS.incrementAndGet();
        });
        listen(port + 1, CountingServer::echo);
        System.out.println("ready");
    }

    private static void listen(int port, Service service) throws IOException {
        ServerSocket server = new ServerSocket(port, 100, InetAddress.getByName("127.0.0.1"));
        new Thread(() -> accept(server, service)).start();
    }

    private static void accept(ServerSocket server, Service service) {
        while (true) {
            try {
                Socket socket = server.accept();
                new Thread(() -> {
                            try (socket) {
                                service.serve(socket);
                            } catch (IOException gone) {
                                // So is its thread.
                            }
                        })
                        .start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void echo(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] chunk = new byte[1_024];
        for (int bytes; (bytes = in.read(chunk)) >= 0; ) {
            ECHOED_BYTES.addAndGet(bytes);
            socket.getOutputStream().write(chunk, 0, bytes);
        }
    }

    private static void write(Path file) {
        OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        try {
            Files.writeString(file, GREETINGS + " " + ECHOED_BYTES + " " + process.getProcessCpuTime());
        } catch (IOException cannot) {
            cannot.printStackTrace();
        }
    }
}
