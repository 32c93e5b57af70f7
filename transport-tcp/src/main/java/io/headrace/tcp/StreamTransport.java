package io.headrace.tcp;

import io.headrace.Meter;
import io.headrace.OpenEndpoint;
import io.headrace.Problems;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.Transport;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Streams of one family of sockets. */
record StreamTransport(Sockets<?> sockets, boolean listening) implements Transport<DuplexChannel> {

    /** Of a server. */
    StreamTransport(Sockets<?> sockets) {
        this(sockets, true);
    }

    @Override
    public String name() {
        return sockets.transport();
    }

    @Override
    public String address() {
        return sockets.address();
    }

    @Override
    public Set<Slot> slots() {
        return EnumSet.allOf(Slot.class);
    }

    @Override
    public Set<Meter> meters() {
        Set<Meter> meters = EnumSet.copyOf(Meter.OF_STREAMS);
        meters.addAll(sockets.meters());
        return meters;
    }

    @Override
    public List<Stage<? super DuplexChannel>> defaults() {
        List<Stage<? super DuplexChannel>> stages = new ArrayList<>();
        if (listening) {
            // Beyond its descriptors a process can neither accept nor open a file.
            stages.add(ConnectionLimit.byDescriptors());
            // A client may well connect long before it has something to ask, but of a server's peers:
            // A peer that connects and says nothing, to whom nothing is said, holds a descriptor for nothing.
            stages.add(FirstByteTimeout.after(Duration.ofSeconds(30)));
            // A peer that left without a word is found at last; traffic either way counts, so a feed is not cut.
            stages.add(IdleTimeout.after(Duration.ofMinutes(5)));
        }
        // A peer that drips its bytes cannot hold a frame, and its memory, open for long.
        stages.add(FrameTimeout.after(Duration.ofSeconds(30)));
        // A peer that does not read cannot hold what is queued toward it for long.
        stages.add(WriteTimeout.after(Duration.ofSeconds(30)));
        // Nor can that queue grow without bound.
        stages.add(WriteMarks.of(32 * 1_024, 64 * 1_024).cap(1_024 * 1_024));
        // Nor can all those queues together take the memory that reading needs.
        stages.add(OutboundBudget.shared());
        return stages;
    }

    @Override
    public void check(Problems problems) {
        sockets.check(problems);
    }

    @Override
    public void rehearse(Problems problems) {
        sockets.rehearse(problems);
    }

    @Override
    public Set<String> claims() {
        return sockets.claims();
    }

    @Override
    public boolean everywhere() {
        return listening && sockets.everywhere();
    }

    @Override
    public Listener listen(OpenEndpoint endpoint) throws Exception {
        return StreamListener.bind(endpoint, sockets);
    }
}
