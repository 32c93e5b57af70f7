package io.headrace.udp;

import io.netty.channel.socket.DatagramChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.concurrent.CompletableFuture;

/**
 * A multicast group as it was found when it was joined: interfaces come and go.
 *
 * @param source null for all
 */
record Membership(InetAddress group, NetworkInterface on, InetAddress source) {

    /** Asks the system for the interface. */
    static Membership of(MulticastGroup group) throws IOException {
        return new Membership(group.group(), group.found(), group.onlySender());
    }

    /** Has the socket, which is bound, hear the group. Any thread. */
    CompletableFuture<Void> join(DatagramChannel socket) {
        boolean six = group instanceof Inet6Address;
        // Netty would never answer.
        if (six && socket.localAddress().getAddress() instanceof Inet4Address) {
            return refused("an IPv4 group, for a socket on "
                    + socket.localAddress().getAddress().getHostAddress());
        }
        if (source != null && six != source instanceof Inet6Address) {
            return refused("a group of the family of its source " + source.getHostAddress());
        }
        return stage(socket.joinGroup(group, on, source));
    }

    private CompletableFuture<Void> refused(String expected) {
        return CompletableFuture.failedFuture(
                new IOException("join: " + group.getHostAddress() + " (expected: " + expected + ")"));
    }

    /** Has the socket hear it no more. Any thread. */
    CompletableFuture<Void> leave(DatagramChannel socket) {
        return stage(socket.leaveGroup(group, on, source));
    }

    private static CompletableFuture<Void> stage(Future<Void> done) {
        CompletableFuture<Void> stage = new CompletableFuture<>();
        done.addListener(finished -> {
            if (finished.isSuccess()) {
                stage.complete(null);
            } else {
                stage.completeExceptionally(finished.cause());
            }
        });
        return stage;
    }
}
