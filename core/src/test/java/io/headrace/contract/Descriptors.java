package io.headrace.contract;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The sockets, polls and rings that this process holds open. Files are not counted: the JVM opens those as it likes. */
final class Descriptors {
    private static final Path OWN = Path.of("/proc/self/fd");

    static {
        try {
            SocketChannel.open().close(); // From its first socket on the JVM keeps one for itself.
        } catch (IOException noNetwork) {
            throw new ExceptionInInitializerError(noNetwork);
        }
    }

    private Descriptors() {}

    /** None where the system does not tell. */
    static List<String> open() {
        if (!Files.isDirectory(OWN)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(OWN)) {
            return all.map(Descriptors::target)
                    .filter(Objects::nonNull)
                    .filter(target -> target.startsWith("socket:") || target.startsWith("anon_inode:"))
                    .sorted()
                    .toList();
        } catch (IOException cannotList) {
            throw new IllegalStateException(cannotList);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return null;
        }
    }
}
