package io.headrace;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Every meter that Headrace has. METRICS.md is generated from here, and a test keeps it equal. */
public enum Meter {
    CONNECTIONS_ACTIVE("headrace.connections.active", Type.GAUGE, null, null, "Connections open now"),
    CONNECTIONS_ACCEPTED(
            "headrace.connections.accepted",
            Type.COUNTER,
            null,
            null,
            "Connections opened; always active plus the sum of closed"),
    CONNECTIONS_REJECTED(
            "headrace.connections.rejected",
            Type.COUNTER,
            null,
            RejectReason.class,
            "Peers that connected and were refused, not counted as accepted"),
    ACCEPT_ERRORS(
            "headrace.accept.errors",
            Type.COUNTER,
            null,
            AcceptError.class,
            "Times that the system gave no socket though a peer had connected"),
    CONNECTIONS_CLOSED(
            "headrace.connections.closed",
            Type.COUNTER,
            null,
            CloseReason.class,
            "Connections ended, by the one reason each has"),
    CONNECTION_DURATION(
            "headrace.connection.duration", Type.TIMER, null, null, "How long connections lived, from open to closed"),
    DATA_RECEIVED("headrace.data.received", Type.COUNTER, "bytes", null, "Bytes that sockets gave, encrypted or not"),
    DATA_SENT("headrace.data.sent", Type.COUNTER, "bytes", null, "Bytes that sockets took, encrypted or not"),
    DATA_DROPPED(
            "headrace.data.dropped",
            Type.COUNTER,
            "bytes",
            null,
            "Bytes that were queued toward a peer and did not leave, because the connection ended"),
    MESSAGES_DROPPED(
            "headrace.messages.dropped",
            Type.COUNTER,
            null,
            null,
            "Messages sent unasked that were dropped, because their peers read too slowly"),
    LINGER_ABORTED(
            "headrace.linger.aborted",
            Type.COUNTER,
            "peers",
            null,
            "Peers, refused ones too, that had not finished 1 s after our end, or went on sending for 256 KiB, and were cut off"),
    OUTBOUND_PENDING("headrace.outbound.pending", Type.GAUGE, "bytes", null, "Bytes that wait to be sent"),
    UNWRITABLE_CONNECTIONS(
            "headrace.unwritable.connections",
            Type.GAUGE,
            null,
            null,
            "Connections whose queue is over the high mark, so that they are not read from"),
    DATAGRAMS_RECEIVED(
            "headrace.datagrams.received", Type.COUNTER, null, null, "Datagrams that came in, dropped ones too"),
    DATAGRAMS_SENT("headrace.datagrams.sent", Type.COUNTER, null, null, "Datagrams given to the socket"),
    DATAGRAMS_DROPPED(
            "headrace.datagrams.dropped", Type.COUNTER, null, DropReason.class, "Datagrams dropped, either way"),
    DATAGRAMS_LOST(
            "headrace.datagrams.lost",
            Type.COUNTER,
            null,
            null,
            "Datagrams that the system dropped before the endpoint's sockets gave them, mostly because their buffers were full (Linux)"),
    PEERS_EVICTED(
            "headrace.peers.evicted",
            Type.COUNTER,
            "peers",
            null,
            "Peers whose rate or ban was forgotten because the table of peers was full"),
    QUESTIONS_REPEATED(
            "headrace.questions.repeated",
            Type.COUNTER,
            null,
            null,
            "Times that a client sent a question once more because no answer came"),
    QUESTIONS_LOST(
            "headrace.questions.lost", Type.COUNTER, null, null, "Questions of a client that got no answer in time"),
    EXCHANGES(
            "headrace.exchanges",
            Type.TIMER,
            null,
            Outcome.class,
            "Messages, by how each ended, and how long each took"),
    EXCHANGES_OPEN("headrace.exchanges.open", Type.GAUGE, null, null, "Messages being handled now"),
    DRAIN_REMAINING(
            "headrace.drain.remaining",
            Type.GAUGE,
            "connections",
            null,
            "Connections still open while the endpoint drains; 0 until it does"),
    DRAIN_DURATION(
            "headrace.drain.duration",
            Type.GAUGE,
            "seconds",
            null,
            "How long the endpoint has been stopping, its delay included; 0 until it does"),
    LISTEN_QUEUE(
            "headrace.listen.queue",
            Type.GAUGE,
            "connections",
            null,
            "Connections that wait to be accepted, in the fullest of the endpoint's listening sockets (Linux, epoll and io_uring; else NaN)"),
    LISTEN_QUEUE_LIMIT(
            "headrace.listen.queue.limit",
            Type.GAUGE,
            "connections",
            null,
            "How many may wait so: the backlog, or what the system allows if that is less (Linux, epoll and io_uring; else NaN)"),
    LISTEN_OVERFLOWS(
            "headrace.listen.namespace.overflows",
            Type.COUNTER,
            "connections",
            null,
            "Connections that the system dropped because a listening socket's queue was full: of every socket in the network namespace, other programs' too (Linux)"),
    EVENTLOOP_LAG(
            "headrace.eventloop.lag",
            Type.GAUGE,
            "seconds",
            null,
            "How late the latest of the endpoint's event loops is"),
    EVENTLOOP_UTILIZATION(
            "headrace.eventloop.utilization",
            Type.GAUGE,
            null,
            null,
            "Mean share of a processor that the endpoint's event loops use"),
    EVENTLOOP_NATIVE(
            "headrace.eventloop.native",
            Type.GAUGE,
            null,
            null,
            "1 where the event loops use epoll, io_uring or kqueue; 0 on NIO, which is slower"),
    MEMORY_PRESSURE(
            "headrace.memory.pressure",
            Type.GAUGE,
            null,
            null,
            "How short direct memory is by MemoryPressure: 0 relaxed, 1 short, 2 scarce, 3 critical; 0 without it");

    /** The meters of every transport. */
    public static final Set<Meter> COMMON = Set.of(
            DATA_RECEIVED,
            DATA_SENT,
            EXCHANGES,
            EXCHANGES_OPEN,
            DRAIN_DURATION,
            EVENTLOOP_LAG,
            EVENTLOOP_UTILIZATION,
            EVENTLOOP_NATIVE);

    /** What a transport of streams feeds. */
    public static final Set<Meter> OF_STREAMS = with(
            CONNECTIONS_ACTIVE,
            CONNECTIONS_ACCEPTED,
            CONNECTIONS_CLOSED,
            CONNECTION_DURATION,
            CONNECTIONS_REJECTED,
            ACCEPT_ERRORS,
            PEERS_EVICTED,
            MEMORY_PRESSURE,
            DRAIN_REMAINING,
            DATA_DROPPED,
            MESSAGES_DROPPED,
            LINGER_ABORTED,
            OUTBOUND_PENDING,
            UNWRITABLE_CONNECTIONS);

    /** What listening TCP sockets feed beyond {@link #OF_STREAMS}. */
    public static final Set<Meter> OF_LISTENING = Set.of(LISTEN_QUEUE, LISTEN_QUEUE_LIMIT, LISTEN_OVERFLOWS);

    /** What a transport of datagrams feeds. */
    public static final Set<Meter> OF_DATAGRAMS = with(
            DATAGRAMS_RECEIVED,
            DATAGRAMS_SENT,
            DATAGRAMS_DROPPED,
            DATAGRAMS_LOST,
            PEERS_EVICTED,
            QUESTIONS_REPEATED,
            QUESTIONS_LOST);

    /** What kind of meter it is, in Micrometer's words. */
    public enum Type {
        GAUGE,
        COUNTER,
        TIMER
    }

    private final String id;
    private final Type type;
    private final String unit;
    private final Class<? extends Enum<?>> tag;
    private final String description;

    Meter(String id, Type type, String unit, Class<? extends Enum<?>> tag, String description) {
        this.id = id;
        this.type = type;
        this.unit = unit;
        this.tag = tag;
        this.description = description;
    }

    private static Set<Meter> with(Meter... more) {
        Set<Meter> meters = EnumSet.copyOf(COMMON);
        meters.addAll(List.of(more));
        return Set.copyOf(meters);
    }

    /** The meter's name, as {@code headrace.connections.active}. */
    public String id() {
        return id;
    }

    public Type type() {
        return type;
    }

    /** The base unit; null for timers (seconds), ratios, and counts of what the name says. */
    public String unit() {
        return unit;
    }

    /** The enum whose constants give the values of the meter's extra tag, or null. */
    public Class<? extends Enum<?>> tag() {
        return tag;
    }

    /** The key of the extra tag, or null. */
    public String tagKey() {
        if (tag == null) {
            return null;
        }
        return tag == Outcome.class ? "outcome" : "reason";
    }

    public String description() {
        return description;
    }
}
