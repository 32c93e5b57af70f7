package io.headrace;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Finds out whether somebody has the socket at a path open. */
final class SocketProbe {

    private SocketProbe() {}

    /**
     * Only a refusal means that it is dead: a full queue, another type of socket and a missing permission are signs of life. Never waits.
     */
    static boolean alive(Path path) throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX);
                Shortcut shortcut = Shortcut.whereNeeded(path)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(shortcut.path()));
            return true;
        } catch (ConnectException refused) {
            return false;
        } catch (IOException otherSignOfLife) {
            return true;
        }
    }
}
