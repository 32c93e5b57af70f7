package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said about an endpoint before it starts, and when it does. */
class EndpointCheckTest {
    private final FakeTransport transport = new FakeTransport("nowhere");

    private record Stays(Slot slot) implements ChannelStage<Channel> {

        @Override
        public void check(Problems problems) {
            problems.note("stays", "well");
            problems.advise(false, "stays", "small", "larger");
        }

        @Override
        public PerLoop<Channel> open(Site site) {
            return loop -> ChannelStage.nothing();
        }
    }

    private Plan<Channel, String, String> plan() {
        return transport.plan("orders");
    }

    private Endpoint endpoint() {
        return plan().reply(text -> text);
    }

    private static List<String> warnings(Runnable start) {
        try (LogCapture log = LogCapture.of(Server.class)) {
            start.run();
            return log.warnings();
        }
    }

    // ---- what a check says

    @Test
    void aCheckLooksAtLoopsDescriptorsAndTheTransport() {
        transport.rehearsal = problems -> problems.note("address", "free");
        Findings findings = endpoint().check();
        assertThat(findings.all()).extracting(Finding::setting).containsExactly("loops", "descriptors", "address");
        assertThat(findings.good()).isTrue();
        assertThat(findings.all().get(0).found()).contains("nio: chosen by name", "io_uring: ");
        assertThat(findings.toString())
                .startsWith("fake endpoint 'orders' on nowhere\n  ok     loops        nio: chosen by name")
                .endsWith("\n  ok     address      free");
    }

    @Test
    void aCheckStartsNothing() {
        endpoint().check();
        assertThat(transport.journal).isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("orders-loop"));
    }

    @Test
    void whatIsInTheWayIsAnError() {
        transport.rehearsal = problems -> problems.expect(false, "address", "nowhere", "somewhere");
        Findings findings = endpoint().check();
        assertThat(findings.good()).isFalse();
        assertThat(findings.of(Finding.Level.ERROR))
                .containsExactly(new Finding(Finding.Level.ERROR, "address", "nowhere", "somewhere"));
        assertThat(findings.toString()).endsWith("\n  ERROR  address      nowhere (expected: somewhere)");
    }

    @Test
    void badSettingsNeedNoRehearsal() {
        transport.problem = "bad";
        transport.rehearsal = problems -> problems.note("address", "free");
        assertThat(endpoint().check().all()).containsExactly(new Finding(Finding.Level.ERROR, "fake", "bad", "none"));
    }

    @Test
    void aStageAddsItsOwnFindings() {
        Findings findings =
                plan().with(new Stays(Slot.WIRE)).reply(text -> text).check();
        assertThat(findings.all())
                .contains(
                        new Finding(Finding.Level.OK, "stays", "well", ""),
                        new Finding(Finding.Level.WARN, "stays", "small", "larger"));
        assertThat(findings.good()).isTrue();
    }

    // ---- advice at start

    @Test
    void adviceIsLoggedOnceAndDoesNotKeepItFromStarting() {
        Endpoint endpoint = plan().with(new Stays(Slot.WIRE)).reply(text -> text);
        assertThat(warnings(() -> Server.start(endpoint).close()))
                .containsExactly("fake endpoint 'orders' on nowhere: stays: small (expected: larger)");
    }

    // ---- open to everybody

    @Test
    void anEndpointThatIsOpenToEverybodyIsWarnedOf() {
        transport.everywhere = true;
        assertThat(warnings(() -> Server.start(endpoint()).close()))
                .containsExactly(
                        "fake endpoint 'orders' on nowhere: address: nowhere, open to whoever reaches this machine"
                                + " (expected: a limit on connections or peers of your own, rules by address, or TLS;"
                                + " or one address in place of all)");
        transport.everywhere = false;
        assertThat(endpoint().check().of(Finding.Level.WARN)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Slot.class,
            names = {"ADMISSION", "PEER", "SECURITY"})
    void notWhereTheUserHasChosenAGuard(Slot slot) {
        transport.everywhere = true;
        Endpoint guarded = plan().with(new Stays(slot)).reply(text -> text);
        assertThat(guarded.check().of(Finding.Level.WARN))
                .extracting(Finding::setting)
                .containsExactly("stays");
    }

    @Test
    void whoOnlyMeasuresIsNoGuard() {
        transport.everywhere = true;
        assertThat(plan().with(Metrics.to(new SimpleMeterRegistry()))
                        .reply(text -> text)
                        .check()
                        .of(Finding.Level.WARN))
                .extracting(Finding::setting)
                .contains("address");
    }

    @Test
    void aGuardByDefaultIsNoChoice() {
        transport.everywhere = true;
        transport.defaults = List.of(new Stays(Slot.ADMISSION));
        assertThat(endpoint().check().of(Finding.Level.WARN))
                .extracting(Finding::setting)
                .contains("address");
        assertThat(plan().with(Stage.off(Stays.class))
                        .reply(text -> text)
                        .check()
                        .of(Finding.Level.WARN))
                .isEmpty();
    }

    @Test
    void anotherStageIsNoGuard() {
        transport.everywhere = true;
        assertThat(plan().with(new Stays(Slot.FRAMING))
                        .reply(text -> text)
                        .check()
                        .of(Finding.Level.WARN))
                .extracting(Finding::setting)
                .contains("address");
    }

    // ---- bad settings

    @Test
    void twoEndpointsOnOneAddressAreRefusedBeforeEitherIsBound() {
        transport.claims = Set.of("fake nowhere:1");
        FakeTransport second = new FakeTransport("nowhere too", 2, transport.journal);
        second.claims = Set.of("fake nowhere:1");
        assertThatThrownBy(() -> Server.start(endpoint(), second.plan("second").reply(text -> text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fake endpoint 'second' on nowhere too:"
                        + " address: fake nowhere:1 (expected: one endpoint per address)");
        assertThat(transport.journal).isEmpty();
    }

    static Stream<Endpoint> withoutHandler() {
        Plan<Channel, String, String> plan = new FakeTransport("nowhere").plan("orders");
        return Stream.of(
                plan.reply(null),
                plan.replyAsync(null),
                plan.consume(null),
                plan.handle(null),
                plan.onConnect(null),
                plan.sessions(null),
                plan.converse(null));
    }

    @ParameterizedTest
    @MethodSource("withoutHandler")
    void aMissingHandlerIsABadSetting(Endpoint endpoint) {
        assertThat(endpoint.check().of(Finding.Level.ERROR))
                .extracting(Finding::toString)
                .containsExactly("handler: null (expected: what to do with messages)");
    }

    @Test
    void whatIsMissingIsReportedTogether() {
        Endpoint endpoint =
                plan().with(null).with(null).codec(null).loops(null).named(null).reply(text -> text);
        assertThatThrownBy(() -> Server.start(endpoint))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(
                        "name: null (expected: not blank)",
                        "codec: null (expected: a codec)",
                        "loops: null (expected: event loops)",
                        "with: null (expected: a stage)");
        assertThat(endpoint.toString()).contains("WIRE null");
        assertThat(transport.journal).isEmpty();
    }
}
