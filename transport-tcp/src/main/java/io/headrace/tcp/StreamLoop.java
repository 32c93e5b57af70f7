package io.headrace.tcp;

import io.headrace.AcceptError;
import io.headrace.Application;
import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.ConnectionInfo;
import io.headrace.OpenEndpoint;
import io.headrace.OpenLoop;
import io.headrace.Reports;
import io.headrace.Session;
import io.headrace.Sweep;
import io.headrace.Transport.Listener.Forced;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.DuplexChannel;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The streams of one endpoint on one event loop. Event loop only. */
final class StreamLoop<I, O> {
    private final String endpoint;
    private final OpenLoop open;
    private final Reports reports;
    private final Codec<I, O> codec;
    private final Application<I, O> application;
    private final Entrance entrance;
    private final Lingering lingering;
    private final HangUps hangUps = new HangUps();
    private StreamConnection<?, ?>[] connections = new StreamConnection<?, ?>[64];
    private int size;
    private boolean draining;
    private int turn;
    private boolean sealed;

    StreamLoop(OpenEndpoint endpoint, OpenLoop open, Entrance entrance) {
        this.endpoint = endpoint.endpoint();
        this.open = open;
        this.reports = endpoint.reports();
        this.codec = endpoint.codec();
        this.application = open.application();
        this.entrance = entrance;
        this.lingering = new Lingering(this);
        open.connections(this::visit);
        endpoint.onStop(open.onSweep(this::sweep)::run);
    }

    /** A socket was accepted: it becomes a connection, unless everything was cut off already. */
    void accepted(Arrival arrival) {
        if (sealed) {
            arrival.turnAway();
            entrance.left(arrival, null);
        } else {
            arrival.enter(this);
        }
    }

    /** A channel was accepted: it becomes a connection. */
    void accepted(AcceptedChannel accepted) {
        DuplexChannel channel = accepted.channel();
        try {
            accepted.sockets().prepare(channel);
        } catch (ChannelException alreadyGone) {
            channel.unsafe().closeForcibly();
            entrance.left(accepted, null);
            open.watch().acceptFailed(AcceptError.ABORTED);
            return;
        }
        StreamConnection<I, O> connection =
                new StreamConnection<>(channel, this, accepted, OpenLoop.nextConnectionId(), open.nanoTime());
        connection.start();
        drainLate(connection);
    }

    /** A socket was accepted that is most likely greeted and closed. */
    void accepted(AcceptedSocket accepted) {
        new FreshConnection<>(accepted, this).start();
    }

    /** A fresh connection becomes one with a channel. */
    StreamConnection<I, O> grow(AcceptedSocket accepted, Session<? super I> session, long id, long openedNs) {
        DuplexChannel channel = StreamBackend.tcp(accepted.descriptor());
        StreamConnection<I, O> connection = new StreamConnection<>(channel, this, accepted, id, openedNs);
        connection.grown(session, accepted.sockets());
        drainLate(connection);
        return connection;
    }

    /** It slipped in between the last accept and the drain. */
    private void drainLate(StreamConnection<I, O> connection) {
        if (draining) {
            connection.drain(CloseReason.DRAINED);
        }
    }

    void opened(StreamConnection<I, O> connection) {
        adopted(connection);
        open.watch().opened();
    }

    /** It is counted already. */
    void adopted(StreamConnection<I, O> connection) {
        if (size == connections.length) {
            connections = Arrays.copyOf(connections, 2 * size);
        }
        connection.index = size;
        connections[size++] = connection;
    }

    void freshClosed(AcceptedSocket accepted, CloseReason reason, long openedNs) {
        open.watch().closed(reason, open.nanoTime() - openedNs);
        entrance.left(accepted, reason);
    }

    void closed(StreamConnection<I, O> connection, CloseReason reason, long ageNs) {
        StreamConnection<?, ?> last = connections[--size];
        connections[size] = null;
        last.index = connection.index;
        if (last != connection) {
            connections[connection.index] = last;
        }
        open.watch().closed(reason, ageNs);
        entrance.left(connection.arrival(), reason);
    }

    /** From the last to the first, so that a connection that ends meanwhile moves only one that was looked at already. */
    private void sweep(long nowNs) {
        List<Sweep> sweeps = open.sweeps();
        for (int i = size - 1; i >= 0; i--) {
            if (i >= size) {
                continue;
            }
            StreamConnection<?, ?> connection = connections[i];
            try {
                connection.sweep(sweeps, nowNs);
            } catch (Throwable fault) {
                connection.fail(fault); // One connection's trouble must not stop the clocks of the others.
            }
        }
        hangUps.round();
    }

    /** One more message of the connection whose turn it is; says how many that makes. */
    int turn() {
        return ++turn;
    }

    void turnEnded() {
        turn = 0;
    }

    /** Shows every connection. A visitor may end the one it is shown: it leaves the list later. */
    private void visit(Sweep visitor) {
        long nowNs = open.sweptNs(open.nanoTime());
        for (int i = size - 1; i >= 0; i--) {
            if (i < size) {
                connections[i].outflow().tell();
                visitor.check(connections[i], connections[i].progress(), nowNs);
            }
        }
    }

    /** Asks every connection to end by itself; returns how many there are. */
    int drain() {
        draining = true;
        int before = size;
        for (StreamConnection<?, ?> connection : Arrays.copyOf(connections, size)) {
            connection.drain(CloseReason.DRAINED);
        }
        return before;
    }

    /** Cuts every connection off, and lets nobody in any more. */
    Forced cutAll() {
        sealed = true;
        long nowNs = open.nanoTime();
        long dropped = 0;
        StreamConnection<?, ?>[] all = Arrays.copyOf(connections, size);
        List<ConnectionInfo> first = Stream.of(all)
                .limit(Forced.MAX_LISTED)
                .map(connection -> connection.info(nowNs))
                .toList();
        for (StreamConnection<?, ?> connection : all) {
            dropped += connection.cut(CloseReason.FORCED);
        }
        lingering.cutAll();
        return new Forced(all.length, dropped, first);
    }

    /** The open connection with this id, or null. */
    StreamConnection<?, ?> find(long id) {
        for (int i = 0; i < size; i++) {
            if (connections[i].id() == id) {
                return connections[i];
            }
        }
        return null;
    }

    /** One of the {@link #size()} connections that are open. */
    StreamConnection<?, ?> connection(int index) {
        return connections[index];
    }

    /** Whether connections of this endpoint may be greeted before they have a channel. */
    boolean greets() {
        return !application.listens() && open.lineCanWait();
    }

    Object encode(O message) throws Exception {
        return codec.transmit(message, PooledByteBufAllocator.DEFAULT);
    }

    /** The endpoint's name. */
    String endpoint() {
        return endpoint;
    }

    OpenLoop open() {
        return open;
    }

    Reports reports() {
        return reports;
    }

    Codec<I, O> codec() {
        return codec;
    }

    Application<I, O> application() {
        return application;
    }

    HangUps hangUps() {
        return hangUps;
    }

    Lingering lingering() {
        return lingering;
    }

    int size() {
        return size;
    }
}
