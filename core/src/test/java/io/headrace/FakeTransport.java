package io.headrace;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A transport without sockets, which writes down what is asked of it. What it holds open ends when the test says so. */
final class FakeTransport implements Transport<Channel> {
    private final String address;
    final InetSocketAddress bound;
    /** What happened, in order; several transports may share one. */
    final List<String> journal;

    List<Stage<? super Channel>> defaults = List.of();
    Set<Slot> slots = EnumSet.allOf(Slot.class);
    Set<Meter> meters = Meter.OF_STREAMS;
    /** The problem with its settings, or null. */
    String problem;
    /** What a rehearsal adds. */
    Consumer<Problems> rehearsal = problems -> {};

    Set<String> claims = Set.of();
    boolean everywhere;
    /** Thrown by listen, or null. */
    Exception cannotListen;
    /** Runs as soon as peers are let in. */
    Runnable whenAccepting = () -> {};
    /** Thrown by every step of stopping, or null. */
    RuntimeException cannotStop;

    /** The first of those that are cut off. */
    List<ConnectionInfo> first = List.of();

    int open;
    final CountDownLatch empty = new CountDownLatch(1);
    volatile OpenEndpoint endpoint;

    FakeTransport(String address) {
        this(address, 1, new CopyOnWriteArrayList<>());
    }

    FakeTransport(String address, int port, List<String> journal) {
        this.address = address;
        this.bound = new InetSocketAddress(host(), port);
        this.journal = journal;
    }

    private static InetAddress host() {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, 1});
        } catch (UnknownHostException never) {
            throw new AssertionError(never);
        }
    }

    /** A plan of an endpoint of text on it, on one loop of its own. */
    Plan<Channel, String, String> plan(String name) {
        return Plan.of(this, name, Codec.utf8())
                .loops(Loops.of(Loops.Backend.NIO).threads(1).named(name + "-loop"));
    }

    /** What the running endpoint is watched by, on its first loop. */
    Watch watch() {
        return endpoint.openLoops().get(0).watch();
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public Set<Slot> slots() {
        return slots;
    }

    @Override
    public Set<Meter> meters() {
        return meters;
    }

    @Override
    public List<Stage<? super Channel>> defaults() {
        return defaults;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(problem == null, "fake", problem, "none");
    }

    @Override
    public void rehearse(Problems problems) {
        rehearsal.accept(problems);
    }

    @Override
    public Set<String> claims() {
        return claims;
    }

    @Override
    public boolean everywhere() {
        return everywhere;
    }

    @Override
    public Listener listen(OpenEndpoint endpoint) throws Exception {
        if (cannotListen != null) {
            throw cannotListen;
        }
        this.endpoint = endpoint;
        note("listen");
        endpoint.onStop(() -> note("close"));
        return new FakeListener();
    }

    private void note(String what) {
        journal.add(what + " " + address);
    }

    private final class FakeListener implements Listener {

        @Override
        public List<SocketAddress> addresses() {
            return List.of(bound);
        }

        @Override
        public void accept() {
            note("accept");
            whenAccepting.run();
        }

        @Override
        public void stopAccepting(long timeoutNs) {
            step("stopAccepting");
        }

        @Override
        public int drain() {
            step("drain");
            return open;
        }

        @Override
        public boolean awaitEmpty(long timeoutNs) throws InterruptedException {
            step("awaitEmpty");
            return open == 0 || empty.await(timeoutNs, TimeUnit.NANOSECONDS);
        }

        @Override
        public Forced force() {
            step("force");
            return empty.getCount() == 0 ? new Forced(0, 0) : new Forced(open, open * 10L, first);
        }

        @Override
        public List<ConnectionInfo> connections(long timeoutNs) {
            return first;
        }

        private void step(String what) {
            note(what);
            if (cannotStop != null) {
                throw cannotStop;
            }
        }
    }
}
