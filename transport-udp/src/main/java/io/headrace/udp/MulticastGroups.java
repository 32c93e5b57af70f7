package io.headrace.udp;

import io.netty.channel.socket.DatagramChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/**
 * Multicast groups that are joined and left while endpoints run: {@code options(o -> o.multicast(groups))}. Every endpoint that was given
 * the same object hears the same groups, from its start to its end. Any thread.
 */
public final class MulticastGroups {

    // Guarded by this. What is asked of a socket under the lock happens on its loop in the same order.
    private final Map<MulticastGroup, Membership> joined = new LinkedHashMap<>();
    private final List<DatagramChannel> sockets = new ArrayList<>();

    private MulticastGroups() {}

    /** None yet. */
    public static MulticastGroups none() {
        return new MulticastGroups();
    }

    /**
     * Has every endpoint hear this group, those that start later too.
     *
     * @return completed when all that run hear it; failed when one cannot, and then none does
     */
    public synchronized CompletionStage<Void> join(MulticastGroup group) {
        if (joined.containsKey(group)) {
            return CompletableFuture.completedFuture(null);
        }
        Membership membership;
        try {
            membership = Membership.of(group);
        } catch (IOException cannot) {
            return CompletableFuture.failedFuture(cannot);
        }
        joined.put(group, membership);
        return onEach(membership, Membership::join).whenComplete((done, failure) -> {
            if (failure != null) {
                leave(group);
            }
        });
    }

    /**
     * Has no endpoint hear this group any more; nothing where none does.
     *
     * @return completed when all that run have left it
     */
    public synchronized CompletionStage<Void> leave(MulticastGroup group) {
        Membership membership = joined.remove(group);
        return membership == null ? CompletableFuture.completedFuture(null) : onEach(membership, Membership::leave);
    }

    /** The groups that are heard. */
    public synchronized Set<MulticastGroup> joined() {
        return new LinkedHashSet<>(joined.keySet());
    }

    /** This socket hears the groups from now on, until it closes. */
    synchronized CompletableFuture<Void> add(DatagramChannel socket) {
        sockets.add(socket);
        socket.closeFuture().addListener(closed -> remove(socket));
        return allOf(joined.values().stream().map(each -> each.join(socket)).toList());
    }

    private synchronized void remove(DatagramChannel socket) {
        sockets.remove(socket);
    }

    private CompletableFuture<Void> onEach(
            Membership membership, BiFunction<Membership, DatagramChannel, CompletableFuture<Void>> task) {
        return allOf(
                sockets.stream().map(socket -> task.apply(membership, socket)).toList());
    }

    private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> parts) {
        return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]));
    }

    @Override
    public String toString() {
        return "multicast " + joined();
    }
}
