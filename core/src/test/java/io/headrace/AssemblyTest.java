package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class AssemblyTest {
    private final FakeTransport transport = new FakeTransport("nowhere");

    /** A stage that sees bytes. Each is of a kind of its own, unless told otherwise. */
    private record Bytes(Slot slot, String name, Object kind, String problem) implements ChannelStage<Channel> {

        static Bytes in(Slot slot, String name) {
            return new Bytes(slot, name, name, null);
        }

        Bytes ofKind(Object kind) {
            return new Bytes(slot, name, kind, null);
        }

        Bytes with(String problem) {
            return new Bytes(slot, name, kind, problem);
        }

        @Override
        public void check(Problems problems) {
            problems.expect(problem == null, name, problem, "none");
        }

        @Override
        public PerLoop<Channel> open(Site site) {
            return loop -> ChannelStage.nothing();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private record Messages(Slot slot, String name) implements MessageStage {

        @Override
        public Object kind() {
            return name;
        }

        @Override
        public PerLoop open(Site site) {
            return (next, loop) -> next;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static String picture(List<? extends Stage<?>> defaults, List<? extends Stage<?>> chosen) {
        return new Assembly(defaults, chosen).picture(Codec.raw());
    }

    private List<String> problems(Stage<?>... chosen) {
        Problems problems = new Problems("test");
        new Assembly(transport.defaults(), List.of(chosen)).check(problems, transport, Adapters.consume(message -> {}));
        return problems.lines();
    }

    // ---- order

    @Test
    void theSlotDecidesWhereAStageStands() {
        assertThat(picture(
                        List.of(),
                        List.of(
                                new Messages(Slot.EXECUTE, "workers"),
                                Bytes.in(Slot.FRAMING, "lines"),
                                new Messages(Slot.LIMIT, "in-flight"),
                                Bytes.in(Slot.ADMISSION, "limit"))))
                .isEqualTo("ADMISSION limit > FRAMING lines > CODEC raw > LIMIT in-flight > EXECUTE workers");
    }

    @Test
    void withinASlotTheOrderOfAddingHolds() {
        assertThat(picture(List.of(), List.of(Bytes.in(Slot.WIRE, "b"), Bytes.in(Slot.WIRE, "a"))))
                .isEqualTo("WIRE b, a > CODEC raw");
    }

    @Test
    void defaultsComeFirstWithinASlot() {
        assertThat(picture(List.of(Bytes.in(Slot.WIRE, "default")), List.of(Bytes.in(Slot.WIRE, "mine"))))
                .isEqualTo("WIRE default*, mine > CODEC raw");
    }

    @Test
    void aBareLineHasOnlyItsCodec() {
        assertThat(picture(List.of(), List.of())).isEqualTo("CODEC raw");
    }

    @Test
    void channelStagesComeInWireOrder() {
        Assembly assembly = new Assembly(
                List.of(),
                List.of(Bytes.in(Slot.FRAMING, "b"), new Messages(Slot.LIMIT, "m"), Bytes.in(Slot.PEER, "a")));
        assertThat(assembly.channelStages()).extracting(Object::toString).containsExactly("a", "b");
    }

    @Test
    void messageStagesComeOutermostFirst() {
        Assembly assembly =
                new Assembly(List.of(), List.of(new Messages(Slot.EXECUTE, "b"), new Messages(Slot.MEASURE, "a")));
        assertThat(assembly.messageStages()).extracting(Object::toString).containsExactly("a", "b");
    }

    // ---- defaults

    @Test
    void aStageOfTheSameKindReplacesTheDefault() {
        assertThat(picture(
                        List.of(Bytes.in(Slot.LIVENESS, "idle-60s").ofKind("idle")),
                        List.of(Bytes.in(Slot.LIVENESS, "idle-5s").ofKind("idle"))))
                .isEqualTo("LIVENESS idle-5s > CODEC raw");
    }

    @Test
    void offTakesTheDefaultAway() {
        assertThat(picture(List.of(Bytes.in(Slot.LIVENESS, "idle")), List.of(Stage.off("idle"))))
                .isEqualTo("CODEC raw");
    }

    @Test
    void offWithoutADefaultIsNoProblem() {
        assertThat(problems(Stage.off("idle"))).isEmpty();
    }

    @Test
    void aGroupStandsInEachOfItsSlots() {
        assertThat(picture(
                        List.of(),
                        List.of(Stage.group("both", Bytes.in(Slot.WIRE, "in"), new Messages(Slot.MEASURE, "out")))))
                .isEqualTo("WIRE in > CODEC raw > MEASURE out");
    }

    @Test
    void aGroupReplacesTheDefaultGroupOfItsKind() {
        Stage<Channel> ours = Stage.group("both", Bytes.in(Slot.WIRE, "a"), Bytes.in(Slot.PEER, "b"));
        Stage<Channel> mine = Stage.group("both", Bytes.in(Slot.FRAMING, "c"));
        assertThat(picture(List.of(ours), List.of(mine))).isEqualTo("FRAMING c > CODEC raw");
    }

    @Test
    void theEndpointPrintsItsLine() {
        transport.defaults = List.of(Bytes.in(Slot.LIVENESS, "idle"));
        Endpoint endpoint =
                transport.plan("orders").with(Bytes.in(Slot.FRAMING, "lines")).reply(text -> text);
        assertThat(endpoint)
                .hasToString("fake endpoint 'orders' on nowhere:"
                        + " wire > LIVENESS idle* > FRAMING lines > CODEC utf8 > handler   (* by default)");
    }

    @Test
    void aBareEndpointHasNoDefaults() {
        transport.defaults = List.of(Bytes.in(Slot.LIVENESS, "idle"));
        assertThat(transport.plan("orders").bare().reply(text -> text))
                .hasToString("fake endpoint 'orders' on nowhere: wire > CODEC utf8 > handler   (* by default)");
    }

    // ---- problems

    @Test
    void twoStagesOfOneKindAreAProblem() {
        assertThat(problems(
                        Bytes.in(Slot.LIVENESS, "first").ofKind("idle"),
                        Bytes.in(Slot.LIVENESS, "second").ofKind("idle")))
                .containsExactly("with: second (expected: one stage of a kind)");
    }

    @Test
    void twoNettyHandlersOfOneNameAreAProblem() {
        assertThat(problems(
                        Stage.netty(Slot.FRAMING, "mine", ChannelInboundHandlerAdapter::new),
                        Stage.netty(Slot.WIRE, "mine", ChannelInboundHandlerAdapter::new)))
                .containsExactly("with: mine (expected: one stage of a kind)");
    }

    @Test
    void oneNettyHandlerForTwoChannelsIsAProblemUnlessItIsSharable() {
        ChannelInboundHandlerAdapter mine = new ChannelInboundHandlerAdapter();
        @ChannelHandler.Sharable
        class Shared extends ChannelInboundHandlerAdapter {}
        Shared shared = new Shared();
        assertThat(problems(
                        Stage.netty(Slot.FRAMING, "mine", () -> mine),
                        Stage.netty(Slot.FRAMING, "shared", () -> shared),
                        Stage.netty(Slot.FRAMING, "new", ChannelInboundHandlerAdapter::new),
                        Stage.netty(Slot.FRAMING, "failing", () -> {
                            throw new IllegalStateException("now and then");
                        })))
                .containsExactly(
                        "handler 'mine': the same instance twice (expected: a new one each time, or one that is @Sharable)");
    }

    @Test
    void aStageOfBytesInASlotOfMessagesIsAProblem() {
        transport.slots = EnumSet.of(Slot.PEER, Slot.FRAMING, Slot.CODEC, Slot.LIMIT);
        assertThat(problems(Bytes.in(Slot.LIMIT, "mine")))
                .containsExactly("mine in slot: LIMIT (expected: one of PEER, FRAMING)");
    }

    @Test
    void aStageOfMessagesInASlotOfBytesIsAProblem() {
        transport.slots = EnumSet.of(Slot.PEER, Slot.FRAMING, Slot.CODEC, Slot.LIMIT);
        assertThat(problems(new Messages(Slot.PEER, "mine")))
                .containsExactly("mine in slot: PEER (expected: one of LIMIT)");
    }

    @Test
    void aSlotThatTheTransportDoesNotHaveIsAProblem() {
        transport.slots = EnumSet.of(Slot.PEER, Slot.CODEC);
        assertThat(problems(Bytes.in(Slot.FRAMING, "lines")))
                .containsExactly("lines in slot: FRAMING (expected: one of PEER)");
    }

    @Test
    void theSlotOfTheCodecIsNobodyElses() {
        transport.slots = EnumSet.of(Slot.PEER, Slot.CODEC);
        assertThat(problems(Bytes.in(Slot.CODEC, "mine")))
                .containsExactly("mine in slot: CODEC (expected: one of PEER)");
    }

    @Test
    void everyStageIsAskedForItsProblemsOnce() {
        assertThat(problems(
                        Bytes.in(Slot.PEER, "a").with("1"),
                        Stage.group("g", Bytes.in(Slot.WIRE, "b").with("2"))))
                .containsExactly("a: 1 (expected: none)", "b: 2 (expected: none)");
    }

    @Test
    void aDefaultThatWasReplacedIsNotAsked() {
        transport.defaults =
                List.of(Bytes.in(Slot.LIVENESS, "ours").ofKind("idle").with("1"));
        assertThat(problems(Bytes.in(Slot.LIVENESS, "mine").ofKind("idle"))).isEmpty();
    }
}
