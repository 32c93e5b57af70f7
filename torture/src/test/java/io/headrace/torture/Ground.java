package io.headrace.torture;

import io.headrace.ChannelStage;
import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.LoopSite;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.stage.Metrics;
import io.headrace.tcp.Framing;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.Tcp;
import io.headrace.tcp.TcpOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/** What every endpoint of a case stands on: the same loops, the same registry. */
final class Ground {
    private static final String BYSTANDERS = "bystanders";

    private final Loops loops;
    private final Loops others;
    private final String otherThreads;
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Set<EventLoop> eventLoops = new CopyOnWriteArraySet<>();
    private boolean othersServe;

    Ground(Backend backend, String threads) {
        this.loops = Loops.of(backend).threads(2).named(threads);
        this.otherThreads = threads + "-other-";
        this.others = Loops.of(backend).threads(1).named(threads + "-other");
    }

    Loops loops() {
        return loops;
    }

    /** Loops of the row's own, where it blocks them. */
    Loops otherLoops() {
        othersServe = true;
        return others;
    }

    /** Whether this is a thread of {@link #otherLoops}. */
    boolean onOtherLoops() {
        return Thread.currentThread().getName().startsWith(otherThreads);
    }

    SimpleMeterRegistry registry() {
        return registry;
    }

    /** The loops that something runs on. */
    Set<EventLoop> eventLoops() {
        return eventLoops;
    }

    /** The endpoint of the row, to be finished by the case: on loopback, measured, on any free port. */
    StreamSetup<TcpOptions, ByteBuf, Object> listen() {
        return listen(0);
    }

    StreamSetup<TcpOptions, ByteBuf, Object> listen(int port) {
        return Tcp.listen(port).named(Serving.ROW).loops(loops).with(Metrics.to(registry));
    }

    /** The same, as lines of text. */
    StreamSetup<TcpOptions, String, String> lines() {
        return listen().with(Framing.lines(1_024)).codec(Codec.utf8());
    }

    /** Echoes lines to the bystanders, on the loops of the row. */
    Endpoint bystanders() {
        return echo(BYSTANDERS, loops);
    }

    /** Whose loops are seen. */
    private Endpoint echo(String name, Loops on) {
        return Tcp.listen(0)
                .named(name)
                .loops(on)
                .with(Metrics.to(registry))
                .with(new LoopsSeen())
                .with(Framing.lines(64))
                .reply(line -> line);
    }

    private final class LoopsSeen implements ChannelStage<Channel> {
        @Override
        public Slot slot() {
            return Slot.ADMISSION;
        }

        @Override
        public PerLoop<Channel> open(Site site) {
            return (LoopSite loop) -> {
                eventLoops.add(loop.eventLoop());
                return ChannelStage.nothing();
            };
        }
    }

    /** All endpoints of a case: the row's, the bystanders', what stands beside it, and one by which the row's own loops are seen. */
    Endpoint[] endpoints(Serving serving) {
        List<Endpoint> all = new ArrayList<>();
        all.add(serving.row(this));
        all.add(bystanders());
        all.addAll(serving.others(this));
        if (othersServe) {
            all.add(echo("other-loops", others));
        }
        return all.toArray(Endpoint[]::new);
    }
}
