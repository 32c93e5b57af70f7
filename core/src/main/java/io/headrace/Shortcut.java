package io.headrace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A short name, a link in a folder of our own, for what has a name that does not fit into a socket's address. */
final class Shortcut implements Closeable {
    /** The JDK takes one byte less than the system. */
    private static final int LONGEST_BYTES = UnixPath.LONGEST_BYTES - 1;

    private final Path path;
    private final Path folder;

    private Shortcut(Path path, Path folder) {
        this.path = path;
        this.folder = folder;
    }

    static boolean needless(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_BYTES;
    }

    /** To what exists there, where its own name is too long. */
    static Shortcut whereNeeded(Path path) throws IOException {
        return needless(path) ? new Shortcut(path, null) : to(path);
    }

    /** To what exists there. */
    static Shortcut to(Path path) throws IOException {
        Path folder = Files.createTempDirectory(
                "headrace", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path link = Files.createSymbolicLink(folder.resolve("l"), path.toAbsolutePath());
        return new Shortcut(link, folder);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (folder != null) {
            Files.deleteIfExists(path);
            Files.deleteIfExists(folder);
        }
    }
}
