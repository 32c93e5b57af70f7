package io.headrace.tcp;

import io.headrace.Peer;
import java.util.Optional;

/**
 * Who is at the other end of a Unix-domain connection, as the system noted it when the peer connected (SO_PEERCRED). The peer cannot forge
 * it, but it may have handed its socket to another process since.
 *
 * @param pid its process, as this process sees it; 0 where that is not to be seen (another PID namespace, macOS)
 * @param uid its effective user
 * @param gid its effective group
 */
public record PeerCredentials(int pid, long uid, long gid) {

    /**
     * Those of this connection, or of the peer of an exchange on one. Any thread.
     *
     * @return empty when it is no Unix-domain connection, when it has closed, and on NIO, because the JDK tells names and no numbers
     */
    public static Optional<PeerCredentials> of(Peer<?> peer) {
        return peer instanceof StreamConnection<?, ?> connection ? connection.credentials() : Optional.empty();
    }
}
