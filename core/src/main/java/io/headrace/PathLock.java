package io.headrace;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Lets one starter at a time look at what stands at a path and replace it. */
final class PathLock {
    static final String IN_USE = "Address already in use";

    private PathLock() {}

    interface Step {
        void run() throws Exception;
    }

    /**
     * Runs a step that nobody else takes at this path meanwhile: otherwise two could find the same dead socket, and the second remove what
     * the first put in its place. A file beside the path is locked; a lock ends with its process.
     */
    static void alone(Path path, Step step) throws IOException {
        Path file = path.resolveSibling("." + path.getFileName() + ".lock");
        synchronized (PathLock.class) { // The system's locks are per process.
            try (FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(UnixPath.OWNER_ONLY)))) {
                Object opened = keyOrNull(file);
                // A holder deletes the file: who has locked one that is not there any more has locked nothing.
                if (opened == null || channel.tryLock() == null || !opened.equals(keyOrNull(file))) {
                    throw new BindException(IN_USE + ": another server is starting there");
                }
                try {
                    step.run();
                } finally {
                    Files.deleteIfExists(file);
                }
            } catch (FileAlreadyExistsException quicker) {
                throw new BindException(IN_USE);
            } catch (IOException | RuntimeException failure) {
                throw failure;
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException();
            } catch (Exception failure) {
                throw new IOException(failure);
            }
        }
    }

    /** What makes a file itself, whatever it is called. */
    static Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Null where nothing is. */
    static Object keyOrNull(Path path) throws IOException {
        try {
            return key(path);
        } catch (NoSuchFileException nothing) {
            return null;
        }
    }
}
