package io.headrace.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.headrace.CannotStartException;
import io.headrace.Codec;
import io.headrace.Loops;
import io.headrace.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What only several processes can show: who is killed, who comes second, who lacks the native libraries. */
class ProcessesTest {
    private final List<AutoCloseable> open = new ArrayList<>();

    @TempDir
    private Path folder;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    /** Echoes lines on a port, or at a path; with {@code epoll} on that and nothing else. */
    static final class Echo {
        public static void main(String[] args) {
            ((Logger) LoggerFactory.getLogger(Loops.class)).setLevel(Level.INFO);
            Loops loops = args.length > 1 ? Loops.of(Loops.Backend.EPOLL) : Loops.auto();
            try {
                Server server = Server.start((args[0].startsWith("/")
                                ? Unix.listen(Path.of(args[0]))
                                : Tcp.listen(Integer.parseInt(args[0])))
                        .named("echo")
                        .loops(loops.threads(1))
                        .with(Framing.lines(1_024))
                        .codec(Codec.utf8())
                        .reply(line -> line));
                System.out.println(
                        "ready " + (args[0].startsWith("/") ? "" : server.port()) + " on " + loops.backend());
            } catch (CannotStartException | IllegalArgumentException refused) {
                System.out.println("refused: " + refused.getMessage());
                System.exit(1);
            }
        }
    }

    private record Child(Process process, BufferedReader output) {

        /** The first line that begins so; all lines before it are logged. */
        String line(String beginning, List<String> log) throws IOException {
            for (String line; (line = output.readLine()) != null; ) {
                if (line.startsWith(beginning)) {
                    return line;
                }
                log.add(line);
            }
            throw new AssertionError("no line '" + beginning + "': " + log);
        }

        String line(String beginning) throws IOException {
            return line(beginning, new ArrayList<>());
        }
    }

    private Child start(List<String> flags, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(flags);
        command.add(Echo.class.getName());
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        open.add(process::destroyForcibly);
        return new Child(process, new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)));
    }

    private Child start(String... args) throws IOException {
        return start(List.of(), args);
    }

    private static int port(String ready) {
        return Integer.parseInt(ready.split(" ")[1]);
    }

    private StreamPeer dial(SocketAddress address) throws IOException {
        StreamPeer peer = SocketPeer.connect(address, false, null);
        open.add(peer);
        return peer;
    }

    private void assertAnswers(SocketAddress address) throws IOException {
        StreamPeer peer = dial(address);
        peer.say("Ada");
        assertThat(peer.hear()).isEqualTo("Ada");
    }

    @Test
    void aKilledServersSuccessorHasItsPortAtOnce() throws Exception {
        Child first = start("0");
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", port(first.line("ready")));
        for (int i = 0; i < 100; i++) {
            assertAnswers(address);
        }
        first.process.destroyForcibly().waitFor();

        Child second = start("" + address.getPort());
        assertThat(port(second.line("ready"))).isEqualTo(address.getPort());
        assertAnswers(address);
    }

    @Test
    void aKilledServersSuccessorHasItsPathAtOnce() throws Exception {
        Path path = folder.resolve("app.sock");
        Child first = start(path.toString());
        first.line("ready");
        assertAnswers(UnixDomainSocketAddress.of(path));
        first.process.destroyForcibly().waitFor();
        assertThat(path).exists();

        start(path.toString()).line("ready");
        assertAnswers(UnixDomainSocketAddress.of(path));
    }

    @Test
    void whoComesSecondIsRefused() throws Exception {
        Path path = folder.resolve("app.sock");
        Child tcp = start("0");
        Child unix = start(path.toString());
        int port = port(tcp.line("ready"));
        unix.line("ready");

        Child secondTcp = start("" + port);
        Child secondUnix = start(path.toString());
        assertThat(secondTcp.line("refused"))
                .isEqualTo(
                        "refused: cannot start tcp endpoint 'echo' on 127.0.0.1:" + port + ": Address already in use");
        assertThat(secondUnix.line("refused"))
                .isEqualTo("refused: cannot start unix endpoint 'echo' on " + path + ": Address already in use");
        assertThat(secondTcp.process.waitFor()).isEqualTo(1);
        assertThat(secondUnix.process.waitFor()).isEqualTo(1);
        assertAnswers(new InetSocketAddress("127.0.0.1", port));
        assertAnswers(UnixDomainSocketAddress.of(path));
    }

    @Test
    void withoutNativeLibrariesNioServesAndSaysWhy() throws Exception {
        List<String> flags = List.of("-Dio.netty.transport.noNative=true");
        List<String> log = new ArrayList<>();
        Child auto = start(flags, "0");
        assertThat(auto.line("ready", log)).endsWith(" on nio");
        assertThat(log)
                .filteredOn(line -> line.contains("no native transport here, nio serves"))
                .hasSize(1)
                .allMatch(line -> line.contains("INFO") && line.contains("epoll: not available: "));

        Child required = start(flags, "0", "epoll");
        assertThat(required.line("refused"))
                .startsWith("refused: tcp endpoint 'echo' on 127.0.0.1:0:"
                        + " loops: epoll (expected: available on this machine, but not available: ");
        assertThat(required.process.waitFor()).isEqualTo(1);
    }
}
