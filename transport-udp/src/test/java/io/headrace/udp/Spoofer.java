package io.headrace.udp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Sends datagrams with forged senders, through a raw socket: needs Python 3 and the right to open one. */
final class Spoofer implements AutoCloseable {
    private static final String SCRIPT = """
            import socket, struct, sys
            port = int(sys.argv[1])
            try:
                raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            except PermissionError:
                print('no', flush=True)
                sys.exit()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
            print('ready', flush=True)
            for line in sys.stdin:
                first, count, source = map(int, line.split())
                packet = bytearray(struct.pack('!BBHHHBBH4s4sHHHH', 0x45, 0, 32, 0, 0, 64, 17, 0,
                        bytes(4), bytes([127, 0, 0, 1]), source, port, 12, 0) + b'ping')
                for n in range(first, first + count):
                    struct.pack_into('!I', packet, 12, 0x7F000000 + n)
                    raw.sendto(packet, ('127.0.0.1', 0))
                print('sent', flush=True)
            """;

    private final Process python;
    private final Writer orders;
    private final BufferedReader answers;

    private Spoofer(Process python) {
        this.python = python;
        this.orders = python.outputWriter();
        this.answers = python.inputReader();
    }

    /** One who sends to this port of 127.0.0.1; skips the test where that is impossible. */
    static Spoofer to(int port) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(List.of("python3", "-c", SCRIPT, Integer.toString(port)))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException noPython) {
            return Assumptions.abort("needs Python 3");
        }
        Spoofer spoofer = new Spoofer(process);
        if (!"ready".equals(spoofer.answers.readLine())) {
            spoofer.close();
            return Assumptions.abort("needs the right to open a raw socket");
        }
        return spoofer;
    }

    /** One datagram of four bytes from each of so many addresses, from 127.0.0.0 plus {@code first} on. */
    void send(int first, int count, int sourcePort) throws IOException {
        orders.write(first + " " + count + " " + sourcePort + "\n");
        orders.flush();
        if (!"sent".equals(answers.readLine())) {
            throw new IOException("the script has ended");
        }
    }

    @Override
    public void close() {
        python.destroyForcibly();
    }
}
