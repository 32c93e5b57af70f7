package io.headrace.udp;

import io.headrace.Problems;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** Where a Unix socket is, or will be. */
record UnixPath(Path path) {
    /** What fits into {@code sun_path} of every system that we know; Linux has room for 107. */
    private static final int LONGEST_BYTES = 103;

    void check(String name, Problems problems) {
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        problems.expect(bytes >= 1 && bytes <= LONGEST_BYTES, name, path, "1 to " + LONGEST_BYTES + " bytes");
    }

    SocketAddress address() {
        return UdpBackend.unixAddress(path);
    }

    /** Binds a channel here, readable and writable for its owner only; the path is gone when the channel has closed. */
    ChannelFuture bind(Channel channel) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            // Netty unlinks whatever stands there before it binds, the socket of a running server too.
            throw new BindException("Address already in use");
        }
        ownersOnly(channel);
        return channel.bind(address()).addListener(bound -> {
            if (bound.isSuccess()) {
                Object file = key();
                channel.closeFuture().addListener(closed -> deleteIf(file));
            }
        });
    }

    /** On the descriptor, before there is a path: a moment in which others may connect is one too many. */
    private static void ownersOnly(Channel channel) throws IOException {
        for (int fd : UdpBackend.descriptors(channel)) {
            Path descriptor = Path.of("/proc/self/fd/" + fd);
            if (Files.exists(descriptor)) {
                Files.setPosixFilePermissions(descriptor, PosixFilePermissions.fromString("rw-------"));
            }
        }
    }

    private Object key() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Unless somebody has put another file in its place since. */
    private void deleteIf(Object file) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && file.equals(key())) {
            Files.delete(path);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
