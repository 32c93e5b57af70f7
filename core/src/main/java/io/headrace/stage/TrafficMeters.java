package io.headrace.stage;

import io.headrace.AcceptError;
import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.DropReason;
import io.headrace.LoopHealth;
import io.headrace.Meter;
import io.headrace.RejectReason;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Watch;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import java.util.List;

/** The meters of connections, bytes, datagrams and loops. Puts nothing on the line: it only watches. */
record TrafficMeters(MeterRegistry registry) implements ChannelStage<Channel> {
    private static final int OPENED = 0;
    private static final int AGE_NS = 1;
    private static final int RECEIVED = 2;
    private static final int SENT = 3;
    private static final int DATAGRAMS_RECEIVED = 4;
    private static final int DATAGRAMS_SENT = 5;
    private static final int PEERS_EVICTED = 6;
    private static final int QUESTIONS_REPEATED = 7;
    private static final int QUESTIONS_LOST = 8;
    private static final int BYTES_DROPPED = 9;
    private static final int PENDING = 10;
    private static final int UNWRITABLE = 11;
    private static final int MESSAGES_DROPPED = 12;
    private static final int LINGER_ABORTED = 13;
    private static final int CLOSED = 14; // One for each reason from here on.
    private static final int CLOSE_REASONS = CloseReason.values().length;
    private static final int DROPPED = CLOSED + CLOSE_REASONS; // One for each reason from here on.
    private static final int REJECTED = DROPPED + DropReason.values().length; // One for each reason from here on.
    private static final int ACCEPT_FAILED =
            REJECTED + RejectReason.values().length; // One for each error from here on.
    private static final int SIZE = ACCEPT_FAILED + AcceptError.values().length;

    /** Two endpoints of one name that start at the same time must not both find the name free. */
    private static final Object ONE_AT_A_TIME = new Object();

    @Override
    public Slot slot() {
        return Slot.ADMISSION; // First, so that what others refuse is counted.
    }

    /** Refuses nobody: an endpoint open to everybody is no safer for being measured. */
    @Override
    public boolean guards() {
        return false;
    }

    @Override
    public PerLoop<Channel> open(Site site) {
        Counts counts = new Counts(SIZE);
        EndpointMeters meters = EndpointMeters.open(registry, site, counts);
        synchronized (ONE_AT_A_TIME) {
            meters.requireUniqueEndpoint();
            site.meters().forEach(meter -> register(meter, meters, site));
        }
        return loop -> {
            loop.watch(new Counting(counts.onLoop()));
            return ChannelStage.nothing();
        };
    }

    private static void register(Meter meter, EndpointMeters meters, Site site) {
        List<LoopHealth> loops = site.loops();
        switch (meter) {
            case CONNECTIONS_ACTIVE -> meters.gauge(meter, TrafficMeters::active);
            case CONNECTIONS_ACCEPTED -> meters.counter(meter, counts -> counts.sum(OPENED));
            case CONNECTIONS_REJECTED -> {
                for (RejectReason reason : RejectReason.values()) {
                    meters.counter(meter, reason.tag(), counts -> counts.sum(REJECTED + reason.ordinal()));
                }
            }
            case ACCEPT_ERRORS -> {
                for (AcceptError error : AcceptError.values()) {
                    meters.counter(meter, error.tag(), counts -> counts.sum(ACCEPT_FAILED + error.ordinal()));
                }
            }
            case CONNECTIONS_CLOSED -> {
                for (CloseReason reason : CloseReason.values()) {
                    meters.counter(meter, reason.tag(), counts -> counts.sum(CLOSED + reason.ordinal()));
                }
            }
            case CONNECTION_DURATION -> meters.timer(meter, TrafficMeters::closed, counts -> counts.sum(AGE_NS));
            case DATA_RECEIVED -> meters.counter(meter, counts -> counts.sum(RECEIVED));
            case DATA_SENT -> meters.counter(meter, counts -> counts.sum(SENT));
            case DATA_DROPPED -> meters.counter(meter, counts -> counts.sum(BYTES_DROPPED));
            case MESSAGES_DROPPED -> meters.counter(meter, counts -> counts.sum(MESSAGES_DROPPED));
            case LINGER_ABORTED -> meters.counter(meter, counts -> counts.sum(LINGER_ABORTED));
            case OUTBOUND_PENDING -> meters.gauge(meter, counts -> counts.sum(PENDING));
            case UNWRITABLE_CONNECTIONS -> meters.gauge(meter, counts -> counts.sum(UNWRITABLE));
            case DATAGRAMS_RECEIVED -> meters.counter(meter, counts -> counts.sum(DATAGRAMS_RECEIVED));
            case DATAGRAMS_SENT -> meters.counter(meter, counts -> counts.sum(DATAGRAMS_SENT));
            case DATAGRAMS_DROPPED -> {
                for (DropReason reason : DropReason.values()) {
                    meters.counter(meter, reason.tag(), counts -> counts.sum(DROPPED + reason.ordinal()));
                }
            }
            case DATAGRAMS_LOST, LISTEN_OVERFLOWS -> meters.counter(meter, counts -> site.reading(meter));
            case DRAIN_REMAINING, DRAIN_DURATION, LISTEN_QUEUE, LISTEN_QUEUE_LIMIT, EVENTLOOP_NATIVE, MEMORY_PRESSURE ->
                meters.gauge(meter, counts -> site.reading(meter));
            case PEERS_EVICTED -> meters.counter(meter, counts -> counts.sum(PEERS_EVICTED) + site.reading(meter));
            case QUESTIONS_REPEATED -> meters.counter(meter, counts -> counts.sum(QUESTIONS_REPEATED));
            case QUESTIONS_LOST -> meters.counter(meter, counts -> counts.sum(QUESTIONS_LOST));
            case EVENTLOOP_LAG -> meters.gauge(meter, counts -> lagSeconds(loops));
            case EVENTLOOP_UTILIZATION -> meters.gauge(meter, counts -> utilization(loops));
            case EXCHANGES, EXCHANGES_OPEN -> {} // See ExchangeMeters.
        }
    }

    /** Computed, not counted, so that accepted is always active plus closed. */
    private static double active(Counts counts) {
        long closed = closed(counts); // First: what opens meanwhile must not make the difference negative.
        return counts.sum(OPENED) - closed;
    }

    private static long closed(Counts counts) {
        return counts.sum(CLOSED, CLOSE_REASONS);
    }

    private static double lagSeconds(List<LoopHealth> loops) {
        return loops.stream().mapToLong(LoopHealth::lagNs).max().orElse(0) / 1e9;
    }

    private static double utilization(List<LoopHealth> loops) {
        return loops.stream().mapToDouble(LoopHealth::utilization).average().orElse(0);
    }

    @Override
    public String toString() {
        return "metrics";
    }

    private record Counting(Counts.OnLoop counts) implements Watch {

        @Override
        public void opened() {
            counts.add(OPENED, 1);
        }

        @Override
        public void rejected(RejectReason reason) {
            counts.add(REJECTED + reason.ordinal(), 1);
        }

        @Override
        public void acceptFailed(AcceptError error) {
            counts.add(ACCEPT_FAILED + error.ordinal(), 1);
        }

        @Override
        public void received(int bytes) {
            counts.add(RECEIVED, bytes);
        }

        @Override
        public void sent(long bytes) {
            counts.add(SENT, bytes);
        }

        @Override
        public void closed(CloseReason reason, long ageNs) {
            counts.add(AGE_NS, ageNs);
            counts.add(CLOSED + reason.ordinal(), 1);
        }

        @Override
        public void pending(long bytes) {
            counts.add(PENDING, bytes);
        }

        @Override
        public void bytesDropped(long bytes) {
            counts.add(BYTES_DROPPED, bytes);
        }

        @Override
        public void messageDropped() {
            counts.add(MESSAGES_DROPPED, 1);
        }

        @Override
        public void lingerAborted() {
            counts.add(LINGER_ABORTED, 1);
        }

        @Override
        public void writable(boolean writable) {
            counts.add(UNWRITABLE, writable ? -1 : 1);
        }

        @Override
        public void datagramReceived(int bytes) {
            counts.add(DATAGRAMS_RECEIVED, 1);
        }

        @Override
        public void datagramSent(int bytes) {
            counts.add(DATAGRAMS_SENT, 1);
        }

        @Override
        public void datagramDropped(DropReason reason) {
            counts.add(DROPPED + reason.ordinal(), 1);
        }

        @Override
        public void peerEvicted() {
            counts.add(PEERS_EVICTED, 1);
        }

        @Override
        public void questionRepeated() {
            counts.add(QUESTIONS_REPEATED, 1);
        }

        @Override
        public void questionLost() {
            counts.add(QUESTIONS_LOST, 1);
        }
    }
}
