package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Group F: Unix-domain sockets, between real processes. */
class UnixTest extends Case {
    @TempDir
    Path folder;

    private ChildServer.Setup at(Path path, String... more) {
        String[] flags = new String[more.length + 1];
        flags[0] = "-Dtorture.path=" + path;
        System.arraycopy(more, 0, flags, 1, more.length);
        return ChildServer.Setup.of(Servers.UNIX).flags(flags);
    }

    private static void assertGreets(Path path) throws Exception {
        Program.Result greeted = Program.run(Program.python("unix_lines.py", path, 1));
        assertThat(greeted.output()).isEqualTo("Hello, Ada!\n");
    }

    @Row("F1")
    @Test
    void aFileThatAKilledServerLeftIsReplaced() throws Exception {
        Path path = folder.resolve("s");
        ChildServer first = child(at(path));
        assertGreets(path);
        endsHere();
        first.signal("KILL");
        first.status(10);
        assertThat(path).exists();
        try (ChildServer second = at(path).start()) {
            assertThat(second.alive()).isTrue();
            assertGreets(path);
        }
    }

    @Row("F2")
    @Test
    void thePathOfALivingServerIsLeftAlone() throws Exception {
        Path path = folder.resolve("s");
        ChildServer first = child(at(path));
        Object inode = Files.getAttribute(path, "unix:ino");
        try (ChildServer second = at(path).launch()) {
            assertThat(second.status(30)).isEqualTo(1);
            assertThat(second.errors()).contains("'row'", path.toString(), "Address already in use");
        }
        assertThat(Files.getAttribute(path, "unix:ino")).isEqualTo(inode);
        assertGreets(path);
        assertThat(first.accepted()).isGreaterThanOrEqualTo(1);
    }

    @Row("F4")
    @Test
    void aPathThatIsTooLongIsSaidWithTheLimit() throws Exception {
        try (ChildServer server = at(folder.resolve("s".repeat(108))).launch()) {
            assertThat(server.status(30)).isEqualTo(1);
            assertThat(server.errors()).contains("107").doesNotContain("\tat ");
        }
    }

    @Row("F5")
    @Test
    void theModeIsItsOwnersOnlyFromBirth() throws Exception {
        Path path = folder.resolve("s");
        ProcessBuilder looking = new ProcessBuilder(Program.python("modes.py", path));
        Process process = looking.start();
        closing(process::destroyForcibly);
        BufferedReader said = process.inputReader(UTF_8);
        assertThat(said.readLine()).isEqualTo("looking");
        for (int i = 0; i < 3; i++) {
            try (ChildServer server = at(path).start()) {
                assertGreets(path);
                server.stop();
            }
        }
        process.getOutputStream().close();
        assertThat(said.readLine()).isEqualTo("0o600");
    }

    @Row("F7")
    @Test
    void descriptorsThatArePassedAlongAreNotKept() throws Exception {
        Path path = folder.resolve("s");
        ChildServer server = child(at(path));
        Path passed = Files.createFile(folder.resolve("passed"));
        assertThat(Program.run(Program.python("unix_descriptors.py", path, passed, 1_000)))
                .isEqualTo(new Program.Result(0, "3000 answers\n"));
        Path open = Path.of("/proc", String.valueOf(server.pid()), "fd");
        try (var all = Files.list(open)) {
            List<Path> kept = all.filter(each -> passed.equals(target(each))).toList();
            assertThat(kept).isEmpty();
        }
    }

    private static Path target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor);
        } catch (java.io.IOException closedMeanwhile) {
            return null;
        }
    }

    @Row("F8")
    @Test
    void peersWithoutAddressesShareOneLimit() throws Exception {
        Path path = folder.resolve("s");
        ChildServer server = child(at(path, "-Dtorture.each=3"));
        Program.Result greeted = Program.run(Program.python("unix_lines.py", path, 5));
        assertThat(greeted.output()).isEqualTo("Hello, Ada!\n".repeat(3) + "refused\n".repeat(2));
        assertThat(server.meter("headrace.connections.rejected address_limit")).isEqualTo(2);
    }
}
