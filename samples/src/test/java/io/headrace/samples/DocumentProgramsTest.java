package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The document's own two programs, in Python 3 syntax, against the samples as processes. */
class DocumentProgramsTest {
    private static final String CLIENT = """
            import socket               # Import socket module

            s = socket.socket()         # Create a socket object
            host = socket.gethostname() # Get local machine name
            port = 12345                # Reserve a port for your service.

            s.connect((host, port))
            print(s.recv(1024))
            s.close()                   # Close the socket when done
            """;

    private static final String SERVER = """
            import socket               # Import socket module

            s = socket.socket()         # Create a socket object
            host = socket.gethostname() # Get local machine name
            port = 12345                # Reserve a port for your service.
            s.bind((host, port))        # Bind to the port

            s.listen(5)                 # Now wait for client connection.
            while True:
                c, addr = s.accept()    # Establish connection with client.
                print('Got connection from', addr)
                c.send(b'Thank you for connecting')
                c.close()               # Close the connection
            """;

    /** Takes any free port in place of 12345 and says which: the program itself stays as it is. */
    private static final String ON_A_FREE_PORT = """
            import socket
            bind, listen = socket.socket.bind, socket.socket.listen

            def listen_and_tell(self, backlog):
                listen(self, backlog)
                print(*self.getsockname(), flush=True)

            socket.socket.bind = lambda self, address: bind(self, (address[0], 0))
            socket.socket.listen = listen_and_tell
            exec(open('server.py').read())
            """;

    @TempDir
    private Path folder;

    @Test
    void theDocumentsClientIsGreeted() throws Exception {
        greetDocumentsClients(20);
    }

    @Test
    @Tag("slow")
    @Timeout(600)
    void aThousandOfTheDocumentsClientsAreGreeted() throws Exception {
        greetDocumentsClients(1_000);
    }

    private void greetDocumentsClients(int clients) throws Exception {
        String python = Tools.python().toString();
        try (SampleProcess greet = SampleProcess.start(greetWhereTheHostNameLeads())) {
            Path client = client(greet.port());
            for (int i = 0; i < clients; i++) {
                Tools.Run run = Tools.run(python, client.toString());
                assertThat(run).isEqualTo(new Tools.Run(0, "b'Thank you for connecting'\n"));
                assertThat(greet.lineFrom("Got")).matches("Got connection from \\('[0-9.]+', [0-9]+\\)");
            }
        }
    }

    /** Where the host name is no loopback name the document's client can only be served where it asks. */
    private static String[] greetWhereTheHostNameLeads() {
        try {
            InetAddress ofHostName = InetAddress.getLocalHost();
            return ofHostName.isLoopbackAddress()
                    ? new String[] {"greet", "--port", "0"}
                    : new String[] {"greet", "--port", "0", "--host", ofHostName.getHostAddress()};
        } catch (UnknownHostException nameless) {
            assumeTrue(false, "needs a host name that resolves: " + nameless.getMessage());
            throw new AssertionError(nameless);
        }
    }

    private Path client(int port) throws IOException {
        return Files.writeString(folder.resolve("client.py"), CLIENT.replace("12345", String.valueOf(port)));
    }

    @Test
    void aClientWhoseInputIsNeverReadIsGreetedWhole() throws Exception {
        greetTalkativeClients(20);
    }

    @Test
    @Tag("slow")
    @Timeout(600)
    void aThousandClientsWhoseInputIsNeverReadAreGreetedWhole() throws Exception {
        greetTalkativeClients(1_000);
    }

    private static void greetTalkativeClients(int clients) throws Exception {
        String unread = "x".repeat(64 * 1_024);
        try (SampleProcess greet = SampleProcess.start("greet", "--port", "0")) {
            int port = greet.port();
            for (int i = 0; i < clients; i++) {
                try (TestClient client = new TestClient(port)) {
                    client.say(unread);
                    assertThat(client.rest()).isEqualTo("Thank you for connecting");
                    assertThat(greet.lineFrom("Got")).endsWith(" " + client.port() + ")");
                }
            }
        }
    }

    @Test
    void aHostNameThatIs127011IsServedThereToo() throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "other systems give loopback one address");
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.1.1 " + hostName() + "\n");
        List<String> flags = List.of("-Djdk.net.hosts.file=" + hosts);

        try (SampleProcess greet = SampleProcess.start(flags, "greet", "--port", "0")) {
            List<Integer> ports = greet.ports();
            assertThat(ports).hasSize(2);
            String client = CLIENT.replace("socket.gethostname()", "'127.0.1.1'")
                    .replace("12345", ports.get(1).toString());
            Tools.Run run = Tools.run(Tools.python().toString(), "-c", client);

            assertThat(run).isEqualTo(new Tools.Run(0, "b'Thank you for connecting'\n"));
        }
    }

    private static String hostName() throws InterruptedException {
        Tools.Run name = Tools.shell("hostname || uname -n");
        assumeTrue(name.status() == 0, "needs hostname or uname");
        return name.output().strip();
    }

    @Test
    void connectIsGreetedByTheDocumentsServer() throws Exception {
        Files.writeString(folder.resolve("server.py"), SERVER);
        ProcessBuilder program = new ProcessBuilder(Tools.python().toString(), "-u", "-c", ON_A_FREE_PORT)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        Process server = program.start();
        try (BufferedReader output = new BufferedReader(new InputStreamReader(server.getInputStream()))) {
            String[] address = output.readLine().split(" ");
            assumeTrue(address.length == 2, "needs a host name that resolves: " + address[0]);

            try (SampleProcess connect = SampleProcess.start("connect", address[0], address[1])) {
                assertThat(connect.rest()).isEqualTo("Thank you for connecting\n");
                assertThat(connect.status()).isZero();
                assertThat(connect.errors()).isEmpty();
            }
            assertThat(output.readLine()).matches("Got connection from \\('[0-9.]+', [0-9]+\\)");
        } finally {
            server.destroyForcibly();
        }
    }
}
