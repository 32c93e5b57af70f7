package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.Channel;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.BindException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricsTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final ManualClock clock = Clock.manual();
    private final FakeTransport transport = new FakeTransport("here");
    private final List<Exchange<String>> held = new ArrayList<>();
    private final Owner owner = new Owner();
    private Server server;
    private OpenLoop loop;
    private OrderedExchanges<Object> exchanges;

    @AfterEach
    void stopServer() {
        if (server != null) {
            stop(server);
        }
    }

    private static void stop(Server server) {
        server.stop(Duration.ZERO).orTimeout(10, TimeUnit.SECONDS).join();
    }

    private Plan<Channel, String, String> plan() {
        return transport
                .plan("orders")
                .loops(Loops.of(Loops.Backend.NIO).threads(2).named("metrics").clock(clock))
                .with(Metrics.to(registry));
    }

    private void start() {
        start(plan().handle((message, exchange) -> held.add(exchange)));
    }

    private void start(Endpoint endpoint) {
        server = Server.start(endpoint);
        loop = transport.endpoint.openLoops().get(0);
        exchanges = new OrderedExchanges<>(loop, null, owner);
    }

    private void onLoop(Runnable task) {
        onLoop(loop, task);
    }

    private static void onLoop(OpenLoop loop, Runnable task) {
        loop.eventLoop().submit(task).syncUninterruptibly();
    }

    private double value(Meter meter) {
        return registry.get(meter.id()).meter().measure().iterator().next().getValue();
    }

    private double value(Meter meter, String tag) {
        return registry.get(meter.id())
                .tag(meter.tagKey(), tag)
                .meter()
                .measure()
                .iterator()
                .next()
                .getValue();
    }

    private double closed() {
        return Stream.of(CloseReason.values())
                .mapToDouble(reason -> value(Meter.CONNECTIONS_CLOSED, reason.tag()))
                .sum();
    }

    // ---- which meters

    private static Set<String> ids(Set<Meter> meters) {
        return meters.stream().map(Meter::id).collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> registered() {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void anEndpointOfStreamsHasTheMetersOfStreams() {
        start();
        assertThat(registered()).isEqualTo(ids(Meter.OF_STREAMS));
    }

    @Test
    void anEndpointOfDatagramsHasTheMetersOfDatagrams() {
        transport.meters = Meter.OF_DATAGRAMS;
        start();
        assertThat(registered()).isEqualTo(ids(Meter.OF_DATAGRAMS));
    }

    @Test
    void aTransportThatFeedsNothingHasNoMeters() {
        transport.meters = Set.of();
        start();
        assertThat(registered()).isEmpty();
    }

    @Test
    void everyMeterCarriesEndpointAndTransport() {
        start();
        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getTags())
                        .contains(Tag.of("endpoint", "orders"), Tag.of("network.transport", "fake")));
    }

    @ParameterizedTest
    @EnumSource(Meter.class)
    void aMeterIsWhatTheEnumSays(Meter meter) {
        transport.meters = Set.of(meter);
        start();
        assertThat(registry.getMeters()).isNotEmpty().allSatisfy(registered -> {
            assertThat(registered.getId().getName()).isEqualTo(meter.id());
            assertThat(registered.getId().getDescription()).isEqualTo(meter.description());
            assertThat(registered.getId().getType().name())
                    .isEqualTo(meter.type().name());
            if (meter.type() != Meter.Type.TIMER) {
                assertThat(registered.getId().getBaseUnit()).isEqualTo(meter.unit());
            }
        });
        assertThat(registry.getMeters())
                .hasSize(meter.tag() == null ? 1 : meter.tag().getEnumConstants().length);
    }

    @Test
    void theLineShowsWhereMetricsStand() {
        assertThat(plan().reply(text -> text).toString()).contains("ADMISSION metrics > CODEC utf8 > MEASURE metrics");
    }

    // ---- connections

    @Test
    void acceptedIsActivePlusTheSumOfClosed() {
        start();
        onLoop(() -> {
            for (int i = 0; i < 40; i++) {
                transport.watch().opened();
            }
            for (CloseReason reason : CloseReason.values()) {
                transport.watch().closed(reason, 1);
            }
        });
        int reasons = CloseReason.values().length;
        assertThat(value(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(40);
        assertThat(value(Meter.CONNECTIONS_ACTIVE)).isEqualTo(40 - reasons);
        assertThat(closed()).isEqualTo(reasons);
    }

    @Test
    void everyCloseReasonHasACounterOfItsOwn() {
        start();
        onLoop(() -> {
            transport.watch().opened();
            transport.watch().closed(CloseReason.PEER_RESET, 1);
        });
        assertThat(value(Meter.CONNECTIONS_CLOSED, "peer_reset")).isEqualTo(1);
        assertThat(closed()).isEqualTo(1);
    }

    @Test
    void durationIsHowLongConnectionsLived() {
        start();
        onLoop(() -> {
            transport.watch().closed(CloseReason.APPLICATION, 1_000_000_000L);
            transport.watch().closed(CloseReason.DRAINED, 500_000_000L);
        });
        FunctionTimer duration = registry.get("headrace.connection.duration").functionTimer();
        assertThat(duration.count()).isEqualTo(2);
        assertThat(duration.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(1_500);
    }

    @Test
    void whatEveryLoopCountsIsSummed() {
        start();
        for (OpenLoop each : transport.endpoint.openLoops()) {
            onLoop(each, () -> each.watch().opened());
        }
        assertThat(value(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(2);
    }

    // ---- bytes and datagrams

    @Test
    void bytesAreCountedEitherWay() {
        start();
        onLoop(() -> {
            transport.watch().received(10);
            transport.watch().received(5);
            transport.watch().sent(7);
        });
        assertThat(value(Meter.DATA_RECEIVED)).isEqualTo(15);
        assertThat(value(Meter.DATA_SENT)).isEqualTo(7);
    }

    @Test
    void datagramsAreCountedEitherWay() {
        transport.meters = Meter.OF_DATAGRAMS;
        start();
        onLoop(() -> {
            transport.watch().datagramReceived(100);
            transport.watch().datagramReceived(100);
            transport.watch().datagramSent(50);
        });
        assertThat(value(Meter.DATAGRAMS_RECEIVED)).isEqualTo(2);
        assertThat(value(Meter.DATAGRAMS_SENT)).isEqualTo(1);
    }

    @Test
    void everyDropReasonHasACounterOfItsOwn() {
        transport.meters = Meter.OF_DATAGRAMS;
        start();
        onLoop(() -> {
            for (DropReason reason : DropReason.values()) {
                for (int i = 0; i <= reason.ordinal(); i++) {
                    transport.watch().datagramDropped(reason);
                }
            }
        });
        assertThat(DropReason.values())
                .allSatisfy(reason ->
                        assertThat(value(Meter.DATAGRAMS_DROPPED, reason.tag())).isEqualTo(reason.ordinal() + 1));
    }

    @Test
    void peersAndQuestionsOfDatagramsAreCounted() {
        transport.meters = Meter.OF_DATAGRAMS;
        start();
        onLoop(() -> {
            transport.watch().peerEvicted();
            transport.watch().questionRepeated();
            transport.watch().questionRepeated();
            transport.watch().questionLost();
        });
        assertThat(value(Meter.PEERS_EVICTED)).isEqualTo(1);
        assertThat(value(Meter.QUESTIONS_REPEATED)).isEqualTo(2);
        assertThat(value(Meter.QUESTIONS_LOST)).isEqualTo(1);
    }

    @Test
    void theTransportIsAskedWhatTheSystemDropped() {
        transport.meters = Meter.OF_DATAGRAMS;
        start();
        transport.endpoint.reading(Meter.DATAGRAMS_LOST, () -> 7);
        assertThat(value(Meter.DATAGRAMS_LOST)).isEqualTo(7);
    }

    @Test
    void whatSeveralKnowAPartOfAddsUp() {
        start();
        onLoop(() -> transport.watch().peerEvicted());
        transport.endpoint.reading(Meter.PEERS_EVICTED, () -> 2);
        transport.endpoint.reading(Meter.PEERS_EVICTED, () -> 4);
        assertThat(value(Meter.PEERS_EVICTED)).isEqualTo(7);
    }

    // ---- exchanges

    private FunctionTimer exchanges(Outcome outcome) {
        return registry.get("headrace.exchanges").tag("outcome", outcome.tag()).functionTimer();
    }

    @Test
    void anExchangeIsOpenUntilItEnds() {
        start();
        onLoop(() -> exchanges.received("a"));
        assertThat(value(Meter.EXCHANGES_OPEN)).isEqualTo(1);
        onLoop(() -> held.get(0).consume());
        assertThat(value(Meter.EXCHANGES_OPEN)).isZero();
    }

    @Test
    void everyOutcomeHasATimerOfItsOwn() {
        start();
        onLoop(() -> {
            for (int i = 0; i < 6; i++) {
                exchanges.received("m" + i);
            }
            held.get(0).reply("A");
            held.get(1).consume();
            held.get(2).fail(new RuntimeException("on purpose"));
            held.get(3).refuse();
            held.get(4).expire();
            exchanges.abandon();
        });
        assertThat(Outcome.values())
                .allSatisfy(outcome -> assertThat(exchanges(outcome).count()).isEqualTo(1));
    }

    @Test
    void anExchangeTakesFromItsArrivalToItsEnd() {
        start();
        onLoop(() -> exchanges.received("a"));
        clock.advance(Duration.ofMillis(30));
        onLoop(() -> held.get(0).reply("A"));
        assertThat(exchanges(Outcome.REPLIED).totalTime(TimeUnit.MILLISECONDS)).isEqualTo(30);
    }

    @Test
    void anExchangeThatAnotherThreadEndsIsCountedOnItsLoop() throws InterruptedException {
        start();
        onLoop(() -> exchanges.received("a"));
        Thread other = new Thread(() -> held.get(0).reply("A"));
        other.start();
        other.join();
        onLoop(() -> {});
        assertThat(exchanges(Outcome.REPLIED).count()).isEqualTo(1);
    }

    @Test
    void whatALimitRefusesIsMeasured() {
        MessageStage limit = new MessageStage() {
            @Override
            public Slot slot() {
                return Slot.LIMIT;
            }

            @Override
            public PerLoop open(Site site) {
                return (next, loop) -> (message, exchange) -> exchange.refuse();
            }
        };
        start(plan().with(limit).reply(text -> text));
        onLoop(() -> exchanges.received("a"));
        assertThat(exchanges(Outcome.REFUSED).count()).isEqualTo(1);
    }

    @Test
    void measuringLetsPromptHandlersShareOneExchange() {
        start(plan().reply(text -> text));
        assertThat(loop.handlerHoldsExchange()).isFalse();
    }

    @Test
    void measuringLetsOthersHoldTheirs() {
        start();
        assertThat(loop.handlerHoldsExchange()).isTrue();
    }

    @Test
    void aMeasuredMessageAllocatesNothing() {
        start(plan().consume(text -> {}));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int messages = 50_000;
        long[] bytes = {0};
        onLoop(() -> {
            receive(messages); // Whatever the first ones need to get going.
            long before = threads.getCurrentThreadAllocatedBytes();
            receive(messages);
            bytes[0] = threads.getCurrentThreadAllocatedBytes() - before;
        });
        assertThat(bytes[0]).isLessThan(messages); // Less than a byte each is none, and a compiler at work.
        assertThat(exchanges(Outcome.CONSUMED).count()).isEqualTo(2 * messages);
    }

    private void receive(int messages) {
        for (int i = 0; i < messages; i++) {
            exchanges.received("m");
            transport.watch().received(1);
        }
    }

    // ---- loops

    @Test
    void lagIsThatOfTheLatestLoopInSeconds() {
        start();
        assertThat(value(Meter.EVENTLOOP_LAG)).isZero();
    }

    @Test
    void whetherTheLoopsAreNativeIsTold() {
        start();
        assertThat(value(Meter.EVENTLOOP_NATIVE)).isZero(); // NIO.
        stop(server);
        Loops loops = Loops.auto();
        start(plan().named("auto").loops(loops).handle((message, exchange) -> held.add(exchange)));
        assertThat(registry.get(Meter.EVENTLOOP_NATIVE.id())
                        .tag("endpoint", "auto")
                        .gauge()
                        .value())
                .isEqualTo(loops.backend() == Loops.Backend.NIO ? 0 : 1);
    }

    @Test
    void utilizationIsAShare() {
        start();
        assertThat(value(Meter.EVENTLOOP_UTILIZATION)).isBetween(0.0, 1.0);
    }

    // ---- life

    @Test
    void nothingIsRegisteredBeforeTheStart() {
        Server.of(plan().reply(text -> text));
        assertThat(registered()).isEmpty();
    }

    @Test
    void everyMeterIsRemovedWhenTheServerStops() {
        start();
        stop(server);
        assertThat(registered()).isEmpty();
    }

    @Test
    void metersOfOthersStayWhenTheServerStops() {
        registry.counter("mine", "endpoint", "orders");
        start();
        stop(server);
        assertThat(registered()).containsExactly("mine");
    }

    @Test
    void aStartThatFailsLeavesNoMeters() {
        transport.cannotListen = new BindException("Address already in use");
        assertThatThrownBy(this::start).isInstanceOf(CannotStartException.class);
        assertThat(registered()).isEmpty();
    }

    @Test
    void anotherEndpointOfTheNameCannotStart() {
        start();
        Set<String> before = registered();
        FakeTransport other = new FakeTransport("there");
        Endpoint second = other.plan("orders").with(Metrics.to(registry)).reply(text -> text);
        assertThatThrownBy(second::start)
                .isInstanceOf(CannotStartException.class)
                .hasMessage("cannot start fake endpoint 'orders' on there:"
                        + " endpoint 'orders': already in the registry (expected: unique)");
        assertThat(registered()).isEqualTo(before);
    }

    @Test
    void anotherEndpointOfTheNameOnAnotherKindOfTransportCannotStartEither() {
        start();
        FakeTransport other = new FakeTransport("there");
        other.meters = Meter.OF_DATAGRAMS;
        Endpoint second = other.plan("orders").with(Metrics.to(registry)).reply(text -> text);
        assertThatThrownBy(second::start).hasMessageContaining("already in the registry");
    }

    @Test
    void theNameIsFreeAgainOnceItsServerHasStopped() {
        start();
        stop(server);
        start();
        onLoop(() -> transport.watch().opened());
        assertThat(value(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(1);
    }

    @Test
    void oneStageMayServeSeveralEndpoints() {
        Stage<Channel> metrics = Metrics.to(registry);
        FakeTransport other = new FakeTransport("there");
        start(transport.plan("orders").with(metrics).reply(text -> text));
        try (Server second =
                other.plan("trades").with(metrics).reply(text -> text).start()) {
            onLoop(other.endpoint.openLoops().get(0), () -> other.watch().opened());
            assertThat(registry.get("headrace.connections.accepted")
                            .tag("endpoint", "trades")
                            .functionCounter()
                            .count())
                    .isEqualTo(1);
            assertThat(registry.get("headrace.connections.accepted")
                            .tag("endpoint", "orders")
                            .functionCounter()
                            .count())
                    .isZero();
            assertThat(second.state()).isEqualTo(Server.State.RUNNING);
        }
    }

    @Test
    void whatWasCountedSurvivesTheGarbageCollector() {
        start();
        onLoop(() -> {
            transport.watch().opened();
            exchanges.received("a");
        });
        WeakReference<Object> garbage = new WeakReference<>(new Object());
        await().until(() -> {
            System.gc();
            return garbage.get() == null;
        });
        assertThat(value(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(1);
        assertThat(value(Meter.EXCHANGES_OPEN)).isEqualTo(1);
    }

    @Test
    void metricsNeedARegistry() {
        assertThatThrownBy(() -> Metrics.to(null)).hasMessage("registry: null (expected: a MeterRegistry)");
    }
}
