package io.headrace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ThreadLocalRandom;

/** A folder that only we may enter, beside a path, with one file in it that is made ready there. */
final class HiddenFolder implements Closeable {
    private static final FileAttribute<?> OURS_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final int ATTEMPTS = 16;

    private final Path folder;
    private final Path file;
    private Shortcut shortcut;

    private HiddenFolder(Path folder, Path file) {
        this.folder = folder;
        this.file = file;
    }

    static HiddenFolder beside(Path path) throws IOException {
        for (int attempt = 1; ; attempt++) {
            String name =
                    String.format(".headrace-%08x", ThreadLocalRandom.current().nextInt());
            try {
                Path folder = Files.createDirectory(path.resolveSibling(name), OURS_ONLY);
                // The path's own name, so that whoever lists the system's sockets finds it.
                Path file = folder.resolve(path.getFileName());
                return new HiddenFolder(folder, Shortcut.needless(file) ? file : folder.resolve("s"));
            } catch (FileAlreadyExistsException taken) {
                if (attempt == ATTEMPTS) {
                    throw taken;
                }
            }
        }
    }

    /** The file in it; it goes with the folder. */
    Path file() {
        return file;
    }

    /** The same file, by a name that fits into a socket's address. */
    Path address() throws IOException {
        if (Shortcut.needless(file)) {
            return file;
        }
        shortcut = Shortcut.to(folder);
        return shortcut.path().resolve(file.getFileName());
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        Files.delete(folder);
        if (shortcut != null) {
            shortcut.close();
        }
    }
}
