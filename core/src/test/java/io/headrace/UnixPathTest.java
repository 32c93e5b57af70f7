package io.headrace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnixPathTest {
    private final List<AutoCloseable> open = new ArrayList<>();

    @TempDir
    private Path folder;

    private Path path;

    @BeforeEach
    void place() {
        path = folder.resolve("app.sock");
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private ServerSocketChannel listenAt(Path where) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        synchronized (open) {
            open.add(server);
        }
        return server.bind(UnixDomainSocketAddress.of(where));
    }

    /** As a killed server leaves it. */
    private void leaveDeadSocketAt(Path where) throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(where))
                .close();
    }

    private UnixPath.Claim claim() throws Exception {
        return UnixPath.of(path).claim(this::listenAt);
    }

    private static boolean answers(Path where) throws IOException {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(where))) {
            return client.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    private static Object inode(Path where) throws IOException {
        return Files.readAttributes(where, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private List<String> folderListing() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    // ---- what appears

    @Test
    void aSocketAppearsAlone() throws Exception {
        claim();
        assertThat(folderListing()).containsExactly("app.sock");
        assertThat(answers(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-rw----", "rw-rw-rw-"})
    void itHasExactlyTheModeThatWasAskedFor(String mode) throws Exception {
        UnixPath.of(path).mode(mode).claim(this::listenAt);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo(mode);
    }

    @Test
    void nobodyElseMayEnterWhereItIsBorn() throws Exception {
        UnixPath.of(path).claim(born -> {
            listenAt(born);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(born.getParent())))
                    .isEqualTo("rwx------");
            assertThat(path).doesNotExist();
        });
        assertThat(path).exists();
    }

    @Test
    void theSocketBelongsToTheGroupThatWasAskedFor() throws Exception {
        Optional<String> other = anotherGroup();
        Assumptions.assumeTrue(other.isPresent(), "this process may give files to no other group");
        UnixPath.of(path).group(other.get()).claim(this::listenAt);
        assertThat(Files.readAttributes(path, PosixFileAttributes.class).group().getName())
                .isEqualTo(other.get());
    }

    /** One that this process may give files to. */
    private Optional<String> anotherGroup() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        String own = view.readAttributes().group().getName();
        try (Stream<String> groups = Files.lines(Path.of("/etc/group"))) {
            return groups.map(line -> line.split(":")[0])
                    .filter(name -> !name.equals(own) && accepts(view, name))
                    .findFirst();
        }
    }

    private static boolean accepts(PosixFileAttributeView view, String group) {
        try {
            view.setGroup(
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
            return true;
        } catch (IOException notAllowed) {
            return false;
        }
    }

    @Test
    void itBelongsToTheGroupThatWasAskedFor() throws Exception {
        String own =
                Files.readAttributes(folder, PosixFileAttributes.class).group().getName();
        UnixPath.of(path).group(own).claim(this::listenAt);
        assertThat(Files.readAttributes(path, PosixFileAttributes.class).group().getName())
                .isEqualTo(own);
    }

    @Test
    void whereThereAreNoLinksItIsMoved() throws Exception {
        UnixPath.Naming noLinks = (name, file) -> {
            throw new FileSystemException(name.toString(), file.toString(), "Operation not supported");
        };
        leaveDeadSocketAt(path);
        UnixPath.Claim claim = UnixPath.of(path).claim(this::listenAt, noLinks);
        assertThat(answers(path)).isTrue();
        assertThat(folderListing()).containsExactly("app.sock");
        Object before = inode(path);
        assertThatThrownBy(() -> UnixPath.of(path).claim(this::listenAt, noLinks))
                .hasMessage("Address already in use");
        assertThat(inode(path)).isEqualTo(before);
        claim.release();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aBindingThatFailsLeavesNothing() {
        assertThatThrownBy(() -> UnixPath.of(path).claim(born -> {
                    listenAt(born);
                    throw new IOException("no more");
                }))
                .hasMessage("no more");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theLongestPathWorksToo() throws Exception {
        path = folder.resolve(
                "x".repeat(UnixPath.LONGEST_BYTES - folder.toString().length() - 1));
        assertThat(path.toString()).hasSize(107);
        Path dead = folder.resolve("dead");
        leaveDeadSocketAt(dead);
        Files.move(dead, path);
        claim();
        assertThatThrownBy(this::claim).hasMessage("Address already in use");
        try (Shortcut shortcut = Shortcut.to(path)) { // The JDK's own limit is one byte less.
            assertThat(answers(shortcut.path())).isTrue();
        }
        assertThat(folderListing()).containsExactly(path.getFileName().toString());
    }

    @Test
    void aPathOfAnyLengthWorks() throws Exception {
        for (int bytes = folder.toString().length() + 4; bytes <= UnixPath.LONGEST_BYTES; bytes++) {
            Path parent = Files.createDirectory(
                    folder.resolve("x".repeat(bytes - folder.toString().length() - 3)));
            path = parent.resolve("s");
            assertThat(path.toString()).hasSize(bytes);
            claim().release();
            assertThat(parent).isEmptyDirectory();
        }
    }

    // ---- what is there already

    @Test
    void aDeadSocketIsReplaced() throws Exception {
        leaveDeadSocketAt(path);
        claim();
        assertThat(answers(path)).isTrue();
        assertThat(folderListing()).containsExactly("app.sock");
    }

    @Test
    void aLiveSocketIsLeftAlone() throws Exception {
        listenAt(path);
        Object before = inode(path);
        assertThatThrownBy(this::claim).isInstanceOf(BindException.class).hasMessage("Address already in use");
        assertThat(inode(path)).isEqualTo(before);
        assertThat(folderListing()).containsExactly("app.sock");
    }

    @Test
    void aSocketWhoseQueueIsFullIsAlive() throws Exception {
        ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        open.add(busy);
        busy.bind(UnixDomainSocketAddress.of(path), 1);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 16; i++) {
                        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
                        open.add(client);
                        client.configureBlocking(false);
                        client.connect(UnixDomainSocketAddress.of(path));
                    }
                })
                .hasMessage("Resource temporarily unavailable");
        assertThatThrownBy(this::claim).hasMessage("Address already in use");
    }

    @Test
    void whatIsNoSocketIsLeftAlone() throws Exception {
        Path dead = folder.resolve("dead.sock");
        leaveDeadSocketAt(dead);
        for (Path other : List.of(
                Files.writeString(folder.resolve("file"), "precious"),
                Files.createDirectory(folder.resolve("folder")),
                Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nothing")),
                Files.createSymbolicLink(folder.resolve("link"), dead))) {
            Object before = inode(other);
            assertThatThrownBy(() -> UnixPath.of(other).claim(this::listenAt))
                    .as("" + other)
                    .isInstanceOf(BindException.class)
                    .hasMessage("Address already in use: not by a socket, so it is left alone");
            assertThat(inode(other)).isEqualTo(before);
        }
        assertThat(folderListing()).containsExactly("dangling", "dead.sock", "file", "folder", "link");
    }

    @Test
    void aLockThatItsHolderLeftBehindLocksNobodyOut() throws Exception {
        leaveDeadSocketAt(path);
        Files.createFile(folder.resolve(".app.sock.lock"));
        claim();
        assertThat(folderListing()).containsExactly("app.sock");
    }

    // ---- who starts at the same moment

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void ofManyAtTheSameMomentOneHasIt(boolean deadSocketBefore) throws Exception {
        int starters = 6;
        ExecutorService threads = Executors.newFixedThreadPool(starters);
        open.add(threads::shutdownNow);
        for (int round = 0; round < 40; round++) {
            if (deadSocketBefore) {
                leaveDeadSocketAt(path);
            }
            CyclicBarrier together = new CyclicBarrier(starters);
            List<Future<UnixPath.Claim>> attempts = new ArrayList<>();
            for (int i = 0; i < starters; i++) {
                attempts.add(threads.submit(() -> {
                    together.await();
                    try {
                        return claim();
                    } catch (BindException refused) {
                        return null;
                    }
                }));
            }
            List<UnixPath.Claim> winners = new ArrayList<>();
            for (Future<UnixPath.Claim> attempt : attempts) {
                if (attempt.get() != null) {
                    winners.add(attempt.get());
                }
            }
            assertThat(winners).hasSize(1);
            assertThat(answers(path)).isTrue();
            winners.get(0).release();
            assertThat(folder).isEmptyDirectory();
        }
    }

    /** Another process that tries to take a path whenever it is told to, and says whether it has it. */
    static final class Rival {
        public static void main(String[] args) throws Exception {
            UnixPath path = UnixPath.of(Path.of(args[0]));
            BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (UnixPath.Claim claim = null; orders.readLine() != null; ) {
                try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                    claim = path.claim(born -> server.bind(UnixDomainSocketAddress.of(born)));
                    System.out.println("won");
                    orders.readLine();
                    claim.release();
                    System.out.println("left");
                } catch (BindException refused) {
                    System.out.println(refused.getMessage());
                    orders.readLine();
                    System.out.println("stood by");
                }
            }
        }
    }

    @Test
    void ofSeveralProcessesAtTheSameMomentOneHasIt() throws Exception {
        List<Process> rivals = new ArrayList<>();
        List<BufferedReader> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Process rival = java(Rival.class, path);
            rivals.add(rival);
            answers.add(output(rival));
        }
        for (int round = 0; round < 30; round++) {
            leaveDeadSocketAt(path);
            assertThat(tellAll(rivals, answers))
                    .containsOnlyOnce("won")
                    .allMatch(answer -> answer.equals("won") || answer.startsWith("Address already in use"));
            assertThat(answers(path)).isTrue();
            tellAll(rivals, answers);
            assertThat(folder).isEmptyDirectory();
        }
    }

    /** Another process that has locked a file. */
    static final class Holder {
        public static void main(String[] args) throws Exception {
            try (FileChannel file =
                    FileChannel.open(Path.of(args[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                System.out.println(file.lock().isValid());
                System.in.read();
            }
        }
    }

    @Test
    void whoeverLooksAtADeadSocketLooksAlone() throws Exception {
        leaveDeadSocketAt(path);
        Object dead = inode(path);
        Process holder = java(Holder.class, folder.resolve(".app.sock.lock"));
        assertThat(output(holder).readLine()).isEqualTo("true");
        assertThatThrownBy(this::claim)
                .isInstanceOf(BindException.class)
                .hasMessage("Address already in use: another server is starting there");
        assertThat(inode(path)).isEqualTo(dead);
        holder.destroyForcibly().waitFor();
        claim();
        assertThat(answers(path)).isTrue();
    }

    private Process java(Class<?> main, Path arg) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        arg.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        open.add(process::destroyForcibly);
        return process;
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    private static List<String> tellAll(List<Process> rivals, List<BufferedReader> answers) throws IOException {
        for (Process rival : rivals) {
            rival.getOutputStream().write('\n');
            rival.getOutputStream().flush();
        }
        List<String> all = new ArrayList<>();
        for (BufferedReader each : answers) {
            all.add(each.readLine());
        }
        return all;
    }

    // ---- leaving

    @Test
    void whoLeavesTakesThePathAlong() throws Exception {
        claim().release();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aPathThatIsSomebodyElsesByThenStays() throws Exception {
        UnixPath.Claim first = claim();
        Files.delete(path);
        claim();
        Object second = inode(path);
        first.release();
        assertThat(inode(path)).isEqualTo(second);
        assertThat(answers(path)).isTrue();
    }

    @Test
    void leavingTwiceIsLeavingOnce() throws Exception {
        UnixPath.Claim first = claim();
        first.release();
        Files.writeString(path, "precious");
        first.release();
        assertThat(path).hasContent("precious");
    }

    // ---- datagrams

    @Test
    void inPlaceTheNameIsTheAddress() throws Exception {
        leaveDeadSocketAt(path);
        UnixPath.Claim claim = UnixPath.of(path).mode("rw-rw----").claimInPlace(where -> {
            assertThat(where).isEqualTo(path);
            listenAt(where);
        });
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-rw----");
        assertThatThrownBy(() -> UnixPath.of(path).claimInPlace(this::listenAt)).hasMessage("Address already in use");
        claim.release();
        assertThat(folder).isEmptyDirectory();
    }

    // ---- settings and words

    private static List<String> problems(UnixPath path) {
        Problems problems = new Problems("test");
        path.check("path", problems);
        return problems.lines();
    }

    @Test
    void badSettingsAreSaid() {
        assertThat(problems(UnixPath.of(Path.of("")).mode("0600").group("no such group")))
                .containsExactly(
                        "path: '' (expected: 1 to 107 bytes)",
                        "mode: 0600 (expected: as rw------- or rw-rw----)",
                        "group: no such group (expected: a group of this system)");
        assertThat(problems(UnixPath.of(null).mode(null)))
                .containsExactly(
                        "path: 'null' (expected: 1 to 107 bytes)", "mode: null (expected: as rw------- or rw-rw----)");
        assertThat(problems(UnixPath.of(path))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"x, 107, 107, true", "x, 108, 108, false", "ü, 54, 107, true", "ü, 55, 109, false"})
    void theLengthIsCountedInBytes(String letter, int letters, int bytes, boolean fits) {
        // The slash and the first letters are one byte each, so that both lengths can be hit.
        Path long_ = Path.of("/" + letter.repeat(letters - 1));
        assertThat(problems(UnixPath.of(long_)))
                .isEqualTo(
                        fits
                                ? List.of()
                                : List.of("path: " + long_ + " (" + bytes + " bytes) (expected: 1 to 107 bytes)"));
    }

    @Test
    void aMissingFolderIsSaidInWords() {
        path = folder.resolve("nowhere/app.sock");
        assertThatThrownBy(this::claim).hasMessage("there is no folder " + folder.resolve("nowhere"));
        assertThatThrownBy(() -> UnixPath.of(path).claimInPlace(this::listenAt))
                .hasMessage("there is no folder " + folder.resolve("nowhere"));
    }
}
