package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.DrivenLoop;
import io.headrace.EndListener;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.MessageStage;
import io.headrace.Meter;
import io.headrace.Outcome;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.stage.Deadline;
import io.headrace.stage.InFlightLimit;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** One schedule: an endpoint with limits and clocks, a few peers, and forty steps that a seed has drawn. */
final class Schedule implements AutoCloseable {
    static final String AS_ASKED = "as asked";

    private static final int STEPS = 40;
    private static final int MOST_PEERS = 6;
    private static final int LIMIT = 4;

    private final Random random;
    private final Seen seen;
    private final DrivenLoop loop = new DrivenLoop();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Lives lives = Lives.ofEach();
    private final List<Told> told = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private final List<SchedulePeer> peers = new ArrayList<>();
    private final List<SchedulePeer> gone = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private final String name;
    private final StreamListener listener;
    private boolean sealed;
    private int said;

    /** What has come about in all schedules of a test: a test in which nothing happens proves nothing. */
    static class Seen {
        private final TreeSet<String> all = new TreeSet<>();

        void closed(String reason) {
            all.add(reason);
        }

        void requireEverything() {
            assertThat(all)
                    .contains(
                            "first_byte_timeout",
                            "idle_timeout",
                            "frame_timeout",
                            "write_stalled",
                            "handler_failed",
                            "exchange_refused",
                            "exchange_expired",
                            "frame_too_large",
                            "peer_finished",
                            "peer_reset",
                            "max_age",
                            "drained",
                            "forced");
        }
    }

    Schedule(long seed, Seen seen) throws Exception {
        this.random = new Random(seed);
        this.seen = seen;
        this.name = "schedule-" + seed;
        this.listener = (StreamListener) loop.listen(endpoint());
    }

    private Endpoint endpoint() {
        return InMemory.listen(name)
                .loops(loop.loops())
                .with(Metrics.to(registry))
                .with(lives)
                .with(ConnectionLimit.of(LIMIT))
                .with(FirstByteTimeout.after(Duration.ofSeconds(5)))
                .with(IdleTimeout.after(Duration.ofSeconds(20)))
                .with(FrameTimeout.after(Duration.ofSeconds(10)))
                .with(WriteTimeout.after(Duration.ofSeconds(6)))
                .with(MaxAge.of(Duration.ofSeconds(25)).jitter(0))
                .with(WriteMarks.of(512, 1_024).cap(8_192))
                .with(new Telling(told))
                .with(InFlightLimit.of(6).perConnection(4))
                .with(Deadline.of(Duration.ofSeconds(8)))
                .with(Framing.lines(64))
                .handle(this::handle);
    }

    List<String> trace() {
        return List.copyOf(trace);
    }

    void run() throws Exception {
        for (int i = 0; i < STEPS; i++) {
            trace.add(step());
            loop.settle();
            check();
        }
        end();
        lives.requireWhole();
        lives.reasons().forEach(reason -> seen.closed(reason.tag()));
        assertThat(told).as("exchanges").allMatch(each -> each.ends == 1, "ended once");
        assertThat(total(Meter.OUTBOUND_PENDING)).as("bytes that wait").isZero();
    }

    // ---- the application

    /** What one exchange was. */
    private static final class Told implements EndListener {
        private int ends;

        @Override
        public void ended(Exchange<?> exchange, Outcome outcome) {
            ends++;
        }
    }

    /** Counts every exchange, and how often its end was told. */
    private record Telling(List<Told> told) implements MessageStage {
        @Override
        public Slot slot() {
            return Slot.MEASURE;
        }

        @Override
        public PerLoop open(Site site) {
            return (next, loop) -> (Handler<Object, Object>) (message, exchange) -> {
                Told one = new Told();
                told.add(one);
                exchange.onEnd(one);
                next.handle(message, exchange);
            };
        }
    }

    /** A line is a letter, which says what to do with it, and a number, which the answer begins with. */
    private void handle(ByteBuf line, Exchange<Object> exchange) {
        String text = line.toString(StandardCharsets.US_ASCII);
        switch (text.charAt(0)) {
            case 'e' -> exchange.reply(line);
            case 'n' -> exchange.reply(answer(text));
            case 'c' -> exchange.consume();
            case 'f' -> exchange.fail(new IllegalStateException(AS_ASKED));
            case 't' -> {
                exchange.reply(answer(text));
                exchange.reply(answer(text)); // Not taken, but released.
            }
            default -> held.add(new Held(exchange, text));
        }
    }

    /** To be answered later. */
    private record Held(Exchange<Object> exchange, String text) {
        String end(int how) {
            return switch (how) {
                case 0 -> "fails " + exchange.fail(new IllegalStateException(AS_ASKED));
                case 1 -> "refuses " + exchange.refuse();
                case 2 -> "consumes " + exchange.consume();
                default -> "answers " + exchange.reply(answer(text));
            };
        }
    }

    private static ByteBuf answer(String line) {
        ByteBuf answer = PooledByteBufAllocator.DEFAULT.directBuffer();
        answer.writeCharSequence("a" + line.substring(1) + " ".repeat(700), StandardCharsets.US_ASCII);
        return answer;
    }

    // ---- the steps

    private String step() throws Exception {
        int what = random.nextInt(24);
        if (what < 4 && peers.size() < MOST_PEERS || peers.isEmpty()) {
            SchedulePeer peer = new SchedulePeer(loop.eventLoop(), random.nextInt(3) == 0 ? 256 : 65_536);
            peers.add(peer);
            return "connects: " + peer.connect(name);
        }
        if (what < 12) {
            return speak(random.nextInt(peers.size()));
        }
        if (what < 15) {
            return answerOne();
        }
        if (what < 18) {
            Duration time = Duration.ofSeconds(1 + random.nextInt(7));
            loop.advance(time);
            return "waits " + time;
        }
        if (what < 19) {
            int who = random.nextInt(peers.size());
            return who + (peers.get(who).toggleReading() ? " reads" : " does not read");
        }
        return what < 23 ? leave(random.nextInt(peers.size()), what) : operate();
    }

    private String speak(int who) {
        String text = "encfthhhh".charAt(random.nextInt(9)) + "" + said++
                + switch (random.nextInt(12)) {
                    case 0 -> ""; // And no end of the line yet.
                    case 1 -> "x".repeat(80);
                    default -> "\n";
                };
        peers.get(who).say(text);
        return who + " says " + text.strip();
    }

    /** On this thread, which is the loop's, or on another while this one waits. */
    private String answerOne() throws Exception {
        if (held.isEmpty()) {
            return "nothing to answer";
        }
        Held one = held.remove(random.nextInt(held.size()));
        int how = random.nextInt(6);
        return random.nextBoolean() ? one.end(how) : elsewhere(() -> one.end(how));
    }

    private static String elsewhere(Callable<String> task) throws Exception {
        FutureTask<String> there = new FutureTask<>(task);
        new Thread(there, "elsewhere").start();
        return there.get() + " elsewhere";
    }

    private String leave(int who, int how) {
        SchedulePeer peer = peers.get(who);
        if (how < 21) {
            peer.finish();
            return who + " finishes";
        }
        gone.add(peers.remove(who));
        return who + (how == 21 ? peer.reset() : peer.close());
    }

    /** What an operator does: seldom, because little happens afterwards. */
    private String operate() throws Exception {
        switch (random.nextInt(6)) {
            case 0 -> {
                listener.loops().forEach(StreamLoop::drain);
                seen.closed("drained");
                return "drain";
            }
            case 1 -> {
                listener.loops().forEach(StreamLoop::cutAll);
                sealed = true;
                return "cut all";
            }
            default -> {
                return "looks on: " + elsewhere(() -> (int) total(Meter.CONNECTIONS_ACTIVE) + " open");
            }
        }
    }

    /** As a server does it, from a thread that waits for the loop; which has nothing else to do meanwhile. */
    private void stopAccepting() {
        Thread stopping = new Thread(() -> listener.stopAccepting(0), "stopping");
        stopping.start();
        while (stopping.isAlive()) {
            loop.settle();
        }
    }

    /** What is still open is cut off, or ends by itself. */
    private void end() {
        if (random.nextBoolean()) {
            held.forEach(each -> each.end(3));
            loop.settle();
            check();
        }
        stopAccepting();
        listener.loops().forEach(random.nextBoolean() ? StreamLoop::drain : StreamLoop::cutAll);
        loop.advance(Duration.ofSeconds(2)); // Lingering has an end.
        listener.loops().forEach(StreamLoop::cutAll);
        loop.settle();
        check();
        assertThat(total(Meter.CONNECTIONS_ACTIVE)).as("open at the end").isZero();
        gone.addAll(peers);
        peers.clear();
        gone.forEach(SchedulePeer::close);
        loop.settle();
    }

    // ---- what must hold after each

    private void check() {
        double active = total(Meter.CONNECTIONS_ACTIVE);
        trace.add((int) active + " open, " + lives.reasons());
        assertThat(total(Meter.CONNECTIONS_ACCEPTED))
                .as("U4: accepted = active + closed")
                .isEqualTo(active + total(Meter.CONNECTIONS_CLOSED));
        assertThat(active).as("open, of at most %d", LIMIT).isBetween(0.0, sealed ? 0.0 : LIMIT);
        assertThat(told).as("ends").allMatch(each -> each.ends <= 1, "told once at most");
        long open = told.stream().filter(each -> each.ends == 0).count();
        assertThat(total(Meter.EXCHANGES_OPEN)).as("open exchanges").isEqualTo(open);
        peers.forEach(SchedulePeer::requireOrder);
        gone.forEach(SchedulePeer::requireOrder);
    }

    private double total(Meter meter) {
        double sum = 0;
        for (FunctionCounter counter : registry.find(meter.id()).functionCounters()) {
            sum += counter.count();
        }
        for (Gauge gauge : registry.find(meter.id()).gauges()) {
            sum += gauge.value();
        }
        return sum;
    }

    @Override
    public void close() {
        stopAccepting();
        listener.loops().forEach(StreamLoop::cutAll);
        loop.settle();
        peers.forEach(SchedulePeer::close);
        gone.forEach(SchedulePeer::close);
        loop.settle();
        loop.close();
    }
}
