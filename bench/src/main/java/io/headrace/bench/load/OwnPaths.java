package io.headrace.bench.load;

import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where our Unix datagram sockets are bound, one path each, so that they can be answered. Event loop only; close it to delete them. */
final class OwnPaths implements AutoCloseable {
    private final List<Path> paths = new ArrayList<>();
    private Path folder;

    /** One that nobody has. */
    DomainSocketAddress next() {
        try {
            if (folder == null) {
                folder = Files.createTempDirectory("headrace-load-");
            }
        } catch (IOException cannot) {
            throw new UncheckedIOException("cannot make a folder for sockets: " + cannot.getMessage(), cannot);
        }
        Path path = folder.resolve(Integer.toString(paths.size()));
        paths.add(path);
        return new DomainSocketAddress(path.toString());
    }

    @Override
    public void close() {
        if (folder == null) {
            return;
        }
        try {
            for (Path path : paths) {
                Files.deleteIfExists(path);
            }
            Files.deleteIfExists(folder);
        } catch (IOException leftBehind) {
            // The system clears its temporary folder.
        }
    }
}
