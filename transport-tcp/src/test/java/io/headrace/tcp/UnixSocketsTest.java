package io.headrace.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Text;
import io.headrace.contract.ContractTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a path in the file system, and a peer of the same machine, ask of Unix sockets; on every backend. */
@ParameterizedClass
@MethodSource("io.headrace.contract.ContractTest#backends")
class UnixSocketsTest extends ContractTest {
    @Parameter
    private Backend backend;

    @TempDir
    private Path folder;

    private Path path;

    @Override
    protected Backend backend() {
        return backend;
    }

    @BeforeEach
    void place() {
        path = folder.resolve("app.sock");
    }

    private StreamSetup<UnixOptions, String, String> lines() {
        return Unix.listen(path).loops(loops).with(Framing.lines(1_024)).codec(Codec.utf8());
    }

    private Server startEcho() {
        return start(lines().reply(line -> line));
    }

    private StreamPeer dial() throws IOException {
        return closing(SocketPeer.connect(UnixDomainSocketAddress.of(path), false, null));
    }

    private void assertAnswers() throws IOException {
        StreamPeer peer = dial();
        peer.say("Ada");
        assertThat(peer.hear()).isEqualTo("Ada");
    }

    /** A Python script of ours, at whose end its process is gone. */
    private Process python(String script, Object... args) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", script));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            closing(() -> process.destroyForcibly().waitFor());
            return process;
        } catch (IOException noPython) {
            return Assumptions.abort("needs Python 3");
        }
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    // ---- the path

    @Test
    void aSocketThatAKilledServerLeftIsReplaced() throws Exception {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(path))
                .close();
        startEcho();
        assertAnswers();
    }

    @Test
    void aServerThatRunsKeepsItsPath() throws Exception {
        startEcho();
        Object before = Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
        assertThatThrownBy(this::startEcho)
                .isInstanceOf(CannotStartException.class)
                .hasMessage("cannot start unix endpoint 'unix-app.sock' on " + path + ": Address already in use");
        assertThat(Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(before);
        assertAnswers();
    }

    @Test
    void aServerThatStopsLeavesTheNewerOnesPath() throws Exception {
        Server first = startEcho();
        Files.delete(path);
        startEcho();
        first.stop().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertAnswers();
    }

    @Test
    void whoStopsLeavesNothingBehind() throws Exception {
        startEcho().stop().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anEndpointThatCannotStartTakesThePathsOfTheOthersAlong() {
        assertThatThrownBy(() -> start(
                        lines().reply(line -> line),
                        Unix.listen(folder.resolve("no/such/folder")).reply(bytes -> bytes)))
                .isInstanceOf(CannotStartException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void thePathIsWhatPeersConnectTo() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Server server = start(lines().sessions(me -> {
            seen.add(me.localAddress().toString());
            return line -> me.send(line);
        }));
        dial();
        assertThat(seen.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(path.toString());
        assertThat(server.address().toString()).isEqualTo(path.toString());
    }

    /** Says which modes the path has had whenever it was there. */
    private static final String LOOK_AGAIN_AND_AGAIN = """
            import os, select, stat, sys
            modes = set()
            print('looking', flush=True)
            while not select.select([sys.stdin], [], [], 0)[0]:
                for i in range(100):
                    try:
                        modes.add(oct(stat.S_IMODE(os.lstat(sys.argv[1]).st_mode)))
                    except FileNotFoundError:
                        pass
            print(sorted(modes))
            """;

    @Test
    void whoeverLooksSeesTheModeThatWasAskedFor() throws Exception {
        for (String mode : List.of("rw-------", "rw-rw----")) {
            Process process = python(LOOK_AGAIN_AND_AGAIN, path);
            BufferedReader looks = output(process);
            assertThat(looks.readLine()).isEqualTo("looking");
            for (int i = 0; i < 50; i++) {
                Server server = Server.start(
                        lines().options(o -> o.mode(mode)).loops(loops).reply(line -> line));
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .isEqualTo(mode);
                server.close();
            }
            process.getOutputStream().close();
            assertThat(looks.readLine()).isEqualTo(mode.equals("rw-------") ? "['0o600']" : "['0o660']");
        }
    }

    // ---- the peer

    @Test
    void thePeersProcessAndUserAreKnown() throws Exception {
        BlockingQueue<Connection<?>> seen = new LinkedBlockingQueue<>();
        start(lines().sessions(me -> {
            seen.add(me);
            return line -> {};
        }));
        StreamPeer peer = dial();
        Connection<?> connection = seen.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Optional<PeerCredentials> ours = backend == Backend.NIO
                ? Optional.empty()
                : Optional.of(new PeerCredentials((int) ProcessHandle.current().pid(), id("unix:uid"), id("unix:gid")));
        assertThat(PeerCredentials.of(connection)).isEqualTo(ours);

        peer.close();
        connection.closed().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(PeerCredentials.of(connection)).isEmpty();
    }

    private static long id(String attribute) throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), attribute);
    }

    @Test
    void aPeerThatIsGoneBeforeItIsLetInHasAnAddressStill() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        start(lines().loops(loops.threads(1)).sessions(me -> {
            first.countDown();
            try {
                goOn.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            seen.add(Text.of(me.address()));
            return line -> {};
        }));
        dial();
        first.await();
        dial().close();
        dial().close();
        goOn.countDown();
        await().until(() -> seen.size() == 3);
        assertThat(seen).containsOnly("(unnamed)");
    }

    /** Sends lines that carry so many descriptors of a file, and waits for each answer. */
    private static final String HAND_DESCRIPTORS_OVER = """
            import os, socket, sys
            path, file, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(20)
            s.connect(path)
            fds = [os.open(file, os.O_RDONLY) for i in range(250)]
            for count in (1, 2, 250):
                for i in range(times):
                    socket.send_fds(s, [b'x\\n'], fds[:count])
                    assert s.recv(2) == b'x\\n'
                print(count, flush=True)
                sys.stdin.readline()
            """;

    @Test
    void descriptorsThatAPeerHandsOverAreNotKept() throws Exception {
        startEcho();
        Path handed = Files.createFile(folder.resolve("handed"));
        Process peer = python(HAND_DESCRIPTORS_OVER, path, handed, 1_000);
        BufferedReader said = output(peer);
        for (String count : List.of("1", "2", "250")) {
            assertThat(said.readLine()).isEqualTo(count);
            assertThat(openDescriptorsOf(handed)).isZero();
            peer.getOutputStream().write('\n');
            peer.getOutputStream().flush();
        }
        assertAnswers();
    }

    private static long openDescriptorsOf(Path file) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).equals(file);
                        } catch (IOException closedMeanwhile) {
                            return false;
                        }
                    })
                    .count();
        }
    }
}
