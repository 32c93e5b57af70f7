package io.headrace;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of a Unix-domain socket in the file system, and who may connect to it. For transports.
 *
 * <p>A path is taken only when nothing is there, or a socket that nobody has open any more (its server was killed): that one is replaced.
 * Two servers that start there at the same moment cannot both have it. What is not a socket is never touched.
 */
public final class UnixPath {
    /** What fits into {@code sun_path} with its closing NUL: 108 bytes on Linux, 104 elsewhere. */
    public static final int LONGEST_BYTES = PlatformDependent.normalizedOs().equals("linux") ? 107 : 103;
    /** For its owner only. */
    public static final String OWNER_ONLY = "rw-------";

    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final Path path;
    private final String mode;
    private final String group;

    private UnixPath(Path path, String mode, String group) {
        this.path = path;
        this.mode = mode;
        this.group = group;
    }

    /** This path; a socket there is for its owner only. */
    public static UnixPath of(Path path) {
        return new UnixPath(path, OWNER_ONLY, null);
    }

    /** With the mode that {@code ls} would show as {@code rw-rw----}. Who may write may connect. */
    public UnixPath mode(String mode) {
        return new UnixPath(path, mode, group);
    }

    /** Belonging to this group of the system; null for the process's own. */
    public UnixPath group(String group) {
        return new UnixPath(path, mode, group);
    }

    public Path path() {
        return path;
    }

    /** Its last part, for names. */
    public String fileName() {
        return path == null || path.getFileName() == null
                ? String.valueOf(path)
                : path.getFileName().toString();
    }

    /** Adds what is wrong with it; opens nothing. */
    public void check(String name, Problems problems) {
        int bytes = path == null ? 0 : path.toString().getBytes(StandardCharsets.UTF_8).length;
        boolean fits = bytes >= 1 && bytes <= LONGEST_BYTES;
        String value = bytes == 0 ? "'" + (path == null ? "null" : "") + "'" : path + " (" + bytes + " bytes)";
        problems.expect(fits, name, value, "1 to " + LONGEST_BYTES + " bytes");
        problems.expect(permissions() != null, "mode", mode, "as rw------- or rw-rw----");
        boolean known = group == null || path == null || systemGroup() != null;
        problems.expect(known, "group", group, "a group of this system");
    }

    /** Adds what stands at the path now, and whether it could be taken. May wait for the file system; opens nothing that stays. */
    public void rehearse(String name, Problems problems) {
        try {
            Path folder = path.toAbsolutePath().getParent();
            if (!Files.isDirectory(folder)) {
                problems.expect(false, name, path, "in a folder that is there");
            } else if (!Files.isWritable(folder)) {
                problems.expect(false, name, path, "in a folder that this process may write to");
            } else if (PathLock.keyOrNull(path) == null) {
                problems.note(name, path + ", free, " + mode);
            } else if (!isSocket()) {
                problems.expect(false, name, path, "a socket or nothing there");
            } else if (SocketProbe.alive(path)) {
                problems.expect(false, name, path, "a free one, but another process has it open");
            } else {
                problems.note(name, path + ", left by a server that is gone, will be replaced, " + mode);
            }
        } catch (IOException cannotLook) {
            problems.expect(false, name, path, "one that can be looked at; " + cannotLook.getMessage());
        }
    }

    /** Who may connect; null where the mode is none. */
    public Set<PosixFilePermission> permissions() {
        try {
            return PosixFilePermissions.fromString(mode);
        } catch (IllegalArgumentException | NullPointerException noMode) {
            return null;
        }
    }

    /** Binds a socket to this path, by whatever name the file system offers for it. */
    @FunctionalInterface
    public interface Binding {
        void bindTo(Path path) throws Exception;
    }

    /** Gives a file that exists a second name, unless that is taken. */
    @FunctionalInterface
    interface Naming {
        void name(Path name, Path file) throws IOException;
    }

    /**
     * Takes the path for a socket that listens. It is bound under another name, in a folder that nobody else may enter, and appears here
     * when it listens and has its mode: nobody ever sees it otherwise, whatever the process's umask is. Blocks.
     *
     * @throws BindException where another socket is open here, or something that is no socket stands here
     */
    public Claim claim(Binding binding) throws Exception {
        return claim(binding, Files::createLink);
    }

    Claim claim(Binding binding, Naming naming) throws Exception {
        try (HiddenFolder hidden = HiddenFolder.beside(path)) {
            binding.bindTo(hidden.address());
            settle(hidden.file());
            Object born = PathLock.key(hidden.file());
            appear(hidden.file(), naming);
            return new Claim(path, born);
        } catch (FileSystemException trouble) {
            throw inWords(trouble);
        }
    }

    /** Gives the socket its name; unlike a rename a link never replaces what is there. */
    private void appear(Path born, Naming naming) throws IOException {
        try {
            naming.name(path, born);
        } catch (FileAlreadyExistsException taken) {
            PathLock.alone(path, () -> {
                removeDead();
                naming.name(path, born);
            });
        } catch (UnsupportedOperationException | FileSystemException noLinks) {
            // Some file systems have none, or none of sockets. There a move has to do, which every starter makes alone.
            PathLock.alone(path, () -> {
                removeDead();
                Files.move(born, path);
            });
        }
    }

    /**
     * Takes the path for a socket of datagrams. Its name is the address to which peers answer, so it is bound here and nowhere else. The
     * mode should be set on the descriptor before; it is made exact afterwards. Blocks.
     *
     * @throws BindException where another socket is open here, or something that is no socket stands here
     */
    public Claim claimInPlace(Binding binding) throws IOException {
        try {
            PathLock.alone(path, () -> {
                removeDead();
                binding.bindTo(path);
            });
            Claim claim = new Claim(path, PathLock.key(path));
            try {
                settle(path);
                return claim;
            } catch (IOException cannot) {
                claim.release();
                throw cannot;
            }
        } catch (FileSystemException trouble) {
            throw inWords(trouble);
        }
    }

    /** Gives a socket its group, then its mode: until then it is for its owner only. */
    private void settle(Path socket) throws IOException {
        if (group != null) {
            try {
                Files.getFileAttributeView(socket, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .setGroup(systemGroup());
            } catch (FileSystemException refused) {
                throw new IOException("group " + group + ": " + refused.getReason(), refused);
            }
        }
        Files.setPosixFilePermissions(socket, permissions());
    }

    /** Null where the system knows none of this name. */
    private GroupPrincipal systemGroup() {
        try {
            return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
        } catch (IOException unknown) {
            return null;
        }
    }

    // ---- who has it

    /** Only ever a socket that nobody has open. */
    private void removeDead() throws IOException {
        Object found = PathLock.keyOrNull(path);
        if (found == null) {
            return;
        }
        if (!isSocket()) {
            throw new BindException(PathLock.IN_USE + ": not by a socket, so it is left alone");
        }
        if (SocketProbe.alive(path) || !found.equals(PathLock.keyOrNull(path))) {
            throw new BindException(PathLock.IN_USE);
        }
        Files.delete(path);
        LOG.info("{}: a socket that nobody had open any more is replaced", path);
    }

    private boolean isSocket() throws IOException {
        int type = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0170000;
        return type == 0140000;
    }

    /** What may be wrong with the path's folder is said in words, not by a file name alone. */
    private IOException inWords(FileSystemException trouble) {
        Path folder = path.toAbsolutePath().getParent();
        String words;
        if (trouble instanceof NoSuchFileException) {
            words = "there is no folder " + folder;
        } else if (trouble instanceof AccessDeniedException) {
            words = "no permission to create it in " + folder;
        } else {
            words = trouble.getReason() == null ? trouble.toString() : trouble.getReason();
        }
        IOException inWords = new IOException(words);
        inWords.addSuppressed(trouble); // As a cause it would be added to the words.
        return inWords;
    }

    @Override
    public String toString() {
        return String.valueOf(path);
    }

    /** A path that a socket of ours has. Any thread. */
    public static final class Claim {
        private final Path path;
        private final Object file;
        private boolean over;

        private Claim(Path path, Object file) {
            this.path = path;
            this.file = file;
        }

        /**
         * Deletes the path, unless somebody has put another file there since. While the socket is still open: a closed one looks dead, and
         * a new server may take its place at any moment. Once counts.
         */
        public synchronized void release() {
            if (over) {
                return;
            }
            over = true;
            try {
                if (file.equals(PathLock.keyOrNull(path))) {
                    Files.delete(path);
                }
            } catch (IOException cannotDelete) {
                LOG.warn("{}: cannot be deleted: {}", path, cannotDelete.toString());
            }
        }
    }
}
