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

    /** How a group's names are looked up, which may take seconds. */
    interface Lookup {
        Membership of(MulticastGroup group) throws IOException;
    }

    private final Lookup lookup;
    // Guarded by this, which event loops wait for: nothing is looked up under it. What is asked of a socket under the
    // lock happens on its
    // loop in the same order.
    private final Map<MulticastGroup, Joining> asked = new LinkedHashMap<>();
    private final List<DatagramChannel> sockets = new ArrayList<>();

    private MulticastGroups(Lookup lookup) {
        this.lookup = lookup;
    }

    /** None yet. */
    public static MulticastGroups none() {
        return lookingUp(Membership::of);
    }

    static MulticastGroups lookingUp(Lookup lookup) {
        return new MulticastGroups(lookup);
    }

    /** A group from the moment somebody wants it until somebody leaves it, or it turns out that it cannot be joined. */
    private static final class Joining {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private Membership membership; // Null until it is looked up.
    }

    /**
     * Has every endpoint hear this group, those that start later too. Waits for names to be looked up.
     *
     * @return completed when all that run hear it; failed when one cannot, and then none does. The same for all who ask at the same time
     */
    public CompletionStage<Void> join(MulticastGroup group) {
        Joining mine = new Joining();
        Joining first;
        synchronized (this) {
            first = asked.putIfAbsent(group, mine);
        }
        if (first == null) {
            first = mine;
            join(group, mine);
        }
        return first.done.minimalCompletionStage();
    }

    private void join(MulticastGroup group, Joining joining) {
        try {
            Membership found = lookup.of(group);
            joinAll(group, joining, found).whenComplete((done, failure) -> settle(group, joining, failure));
        } catch (IOException | RuntimeException cannot) {
            settle(group, joining, cannot);
        }
    }

    private synchronized CompletableFuture<Void> joinAll(MulticastGroup group, Joining joining, Membership found)
            throws IOException {
        if (asked.get(group) != joining) {
            throw new IOException("join: " + group.address() + " was left before it was joined");
        }
        joining.membership = found;
        return onEach(found, Membership::join);
    }

    private void settle(MulticastGroup group, Joining joining, Throwable failure) {
        if (failure == null) {
            joining.done.complete(null);
            return;
        }
        synchronized (this) {
            if (asked.remove(group, joining) && joining.membership != null) {
                onEach(joining.membership, Membership::leave);
            }
        }
        joining.done.completeExceptionally(failure);
    }

    /**
     * Has no endpoint hear this group any more; nothing where none does.
     *
     * @return completed when all that run have left it
     */
    public synchronized CompletionStage<Void> leave(MulticastGroup group) {
        Joining left = asked.remove(group);
        return left == null || left.membership == null
                ? CompletableFuture.completedFuture(null)
                : onEach(left.membership, Membership::leave);
    }

    /** The groups that are heard. */
    public synchronized Set<MulticastGroup> joined() {
        Set<MulticastGroup> joined = new LinkedHashSet<>(asked.keySet());
        joined.removeIf(group -> asked.get(group).membership == null);
        return joined;
    }

    /** This socket hears the groups from now on, until it closes. */
    synchronized CompletableFuture<Void> add(DatagramChannel socket) {
        sockets.add(socket);
        socket.closeFuture().addListener(closed -> remove(socket));
        return allOf(asked.values().stream()
                .filter(each -> each.membership != null) // The others will find it among the sockets.
                .map(each -> each.membership.join(socket))
                .toList());
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
