package io.headrace.tcp;

import static io.headrace.RejectReason.ADDRESS_LIMIT;
import static io.headrace.RejectReason.ADDRESS_RATE;
import static io.headrace.RejectReason.BANNED;
import static io.headrace.RejectReason.DENIED;
import static io.headrace.RejectReason.LIMIT;
import static io.headrace.RejectReason.RATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.CloseReason;
import io.headrace.Endpoint;
import io.headrace.Meter;
import io.headrace.Newcomer;
import io.headrace.Refusal;
import io.headrace.Server;
import io.netty.channel.unix.DomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gates of the stages that decide who may connect, without sockets. */
class GatesTest {
    private static final Newcomer UNNAMED = () -> null;
    private static final Newcomer UNIX = () -> new DomainSocketAddress("");

    // ---- ConnectionLimit

    @Test
    void oneAddressDoesNotTakeThePlacesOfAnother() {
        OpenedGate limit = OpenedGate.of(ConnectionLimit.of(3).perAddress(2));

        assertThat(limit.ask("127.0.0.2")).isNull();
        assertThat(limit.ask("127.0.0.2")).isNull();
        assertThat(limit.ask("127.0.0.2")).isEqualTo(ADDRESS_LIMIT);
        assertThat(limit.ask("127.0.0.3")).isNull();
        assertThat(limit.ask("127.0.0.3")).isEqualTo(LIMIT);
        limit.left("127.0.0.2", CloseReason.PEER_FINISHED);
        assertThat(limit.ask("127.0.0.3")).isNull();
        assertThat(limit.ask("127.0.0.3")).isEqualTo(ADDRESS_LIMIT);
    }

    @Test
    void whoHasNoAddressCountsAsOne() {
        OpenedGate limit = OpenedGate.of(ConnectionLimit.of(10).perAddress(2));

        assertThat(limit.ask(UNIX)).isNull();
        assertThat(limit.ask(UNNAMED)).isNull();
        assertThat(limit.ask(UNIX)).isEqualTo(ADDRESS_LIMIT);
        limit.left(UNNAMED, CloseReason.PEER_RESET);
        assertThat(limit.ask(UNIX)).isNull();
    }

    @Test
    void manyThreadsNeverTakeOneTooMany() throws Exception {
        OpenedGate limit = OpenedGate.of(ConnectionLimit.of(10).perAddress(7));
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int thread = 0; thread < 8; thread++) {
            String address = "127.0.0." + (2 + thread % 2);
            threads.add(CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 20_000; i++) {
                    if (limit.ask(address) == null) {
                        most.accumulateAndGet(open.incrementAndGet(), Math::max);
                        open.decrementAndGet();
                        limit.left(address, CloseReason.PEER_RESET);
                    }
                }
            }));
        }
        for (CompletableFuture<Void> each : threads) {
            each.get();
        }
        assertThat(most.get()).isBetween(1, 10);
        for (int i = 0; i < 7; i++) {
            assertThat(limit.ask("127.0.0.2")).isNull();
        }
        assertThat(limit.ask("127.0.0.2")).isEqualTo(ADDRESS_LIMIT);
        for (int i = 0; i < 3; i++) {
            assertThat(limit.ask("127.0.0.3")).isNull();
        }
        assertThat(limit.ask("127.0.0.3")).isEqualTo(LIMIT);
    }

    private static String address(int number) {
        return "10." + (number >> 16) + "." + (number >> 8 & 255) + "." + (number & 255);
    }

    @Test
    void whoseRateIsForgottenIsCounted() {
        OpenedGate rate =
                OpenedGate.of(AcceptRate.of(100_000, Duration.ofHours(1)).perAddress(1));
        rate.ask(address(0));
        assertThat(rate.reading(Meter.PEERS_EVICTED)).isZero();
        for (int i = 1; i < 65_536 + 1_000; i++) {
            rate.ask(address(i));
        }
        assertThat(rate.reading(Meter.PEERS_EVICTED)).isGreaterThanOrEqualTo(1_000);
    }

    @Test
    void whoseBanOrViolationIsForgottenIsCounted() {
        for (int violations : new int[] {1, 2}) {
            OpenedGate ban = OpenedGate.of(Ban.after(violations));
            ban.left(address(0), CloseReason.FRAME_MALFORMED);
            assertThat(ban.reading(Meter.PEERS_EVICTED)).isZero();
            for (int i = 1; i < 16_384 + 1_000; i++) {
                ban.left(address(i), CloseReason.FRAME_MALFORMED);
            }
            assertThat(ban.reading(Meter.PEERS_EVICTED)).isGreaterThanOrEqualTo(1_000);
        }
    }

    @Test
    void moreCannotBeReservedThanThereIs() {
        ConnectionBudget budget = ConnectionBudget.of(5);
        OpenedGate.of(ConnectionLimit.byDescriptors().within(budget).reserve(3));

        assertThatThrownBy(() -> OpenedGate.of(
                        ConnectionLimit.byDescriptors().within(budget).reserve(3)))
                .hasMessage("ConnectionLimit.reserve: 3 (expected: <= 2, which nobody has reserved of 5)");
    }

    @Test
    void whatAnEndpointHadReservedIsFreeWhenItStops() {
        ConnectionBudget budget = ConnectionBudget.of(5);
        ConnectionBudget.Share health = budget.open(3);
        ConnectionBudget.Share other = budget.open(0);
        assertThat(List.of(other.take(), other.take(), other.take())).containsExactly(true, true, false);
        assertThat(List.of(health.take(), health.take(), health.take(), health.take()))
                .containsExactly(true, true, true, false);
        other.giveBack();
        assertThat(health.take()).isTrue();
        assertThat(other.take()).isFalse();
        for (int i = 0; i < 4; i++) {
            health.giveBack();
        }
        health.close();
        assertThat(List.of(other.take(), other.take(), other.take(), other.take(), other.take()))
                .containsExactly(true, true, true, true, false);
    }

    // ---- AcceptRate

    @Test
    void soManyInATimeAndThenMoreAsItPasses() {
        OpenedGate rate = OpenedGate.of(AcceptRate.of(4, Duration.ofSeconds(2)));

        for (int i = 0; i < 4; i++) {
            assertThat(rate.ask("127.0.0.2")).isNull();
        }
        assertThat(rate.ask("127.0.0.3")).isEqualTo(RATE);
        rate.clock.advance(Duration.ofMillis(500));
        assertThat(rate.ask("127.0.0.3")).isNull();
        assertThat(rate.ask(UNNAMED)).isEqualTo(RATE);
    }

    @Test
    void oneAddressDoesNotUseUpTheRateOfAnother() {
        OpenedGate rate = OpenedGate.of(AcceptRate.of(4, Duration.ofSeconds(1)).perAddress(2));

        assertThat(rate.ask("127.0.0.2")).isNull();
        assertThat(rate.ask("127.0.0.2")).isNull();
        for (int i = 0; i < 100; i++) {
            assertThat(rate.ask("127.0.0.2")).isEqualTo(ADDRESS_RATE);
        }
        assertThat(rate.ask("127.0.0.3")).isNull();
        assertThat(rate.ask("127.0.0.3")).isNull();
        assertThat(rate.ask("127.0.0.4")).isEqualTo(RATE);
    }

    @Test
    void whoeverSharesAPrefixSharesARate() {
        OpenedGate rate = OpenedGate.of(
                AcceptRate.of(9, Duration.ofSeconds(1)).perAddress(1).prefixes(24, 48));

        assertThat(rate.ask("127.0.1.2")).isNull();
        assertThat(rate.ask("127.0.1.3")).isEqualTo(ADDRESS_RATE);
        assertThat(rate.ask("127.0.2.3")).isNull();
        assertThat(rate.ask("2001:db8:1:2::1")).isNull();
        assertThat(rate.ask("2001:db8:1:3::1")).isEqualTo(ADDRESS_RATE);
    }

    // ---- Ban

    @Test
    void whoBreaksTheProtocolTooOftenIsKeptOutForATime() {
        OpenedGate ban =
                OpenedGate.of(Ban.after(3).within(Duration.ofSeconds(30)).lasting(Duration.ofMinutes(5)));

        ban.left("127.0.0.2", CloseReason.FRAME_TOO_LARGE);
        ban.left("127.0.0.2", CloseReason.FRAME_MALFORMED);
        ban.left("127.0.0.2", CloseReason.PEER_RESET);
        ban.left("127.0.0.2", null);
        ban.left("127.0.0.3", CloseReason.MESSAGE_MALFORMED);
        assertThat(ban.ask("127.0.0.2")).isNull();
        ban.left("127.0.0.2", CloseReason.MESSAGE_MALFORMED);
        assertThat(ban.ask("127.0.0.2")).isEqualTo(BANNED);
        assertThat(ban.ask("127.0.0.3")).isNull();
        ban.clock.advance(Duration.ofMinutes(5).minusNanos(1));
        assertThat(ban.ask("127.0.0.2")).isEqualTo(BANNED);
        ban.clock.advance(Duration.ofNanos(1));
        assertThat(ban.ask("127.0.0.2")).isNull();
    }

    @Test
    void violationsAreForgottenInTime() {
        OpenedGate ban = OpenedGate.of(Ban.after(3).within(Duration.ofSeconds(30)));

        for (int i = 0; i < 20; i++) {
            ban.left("127.0.0.2", CloseReason.FRAME_TOO_LARGE);
            ban.clock.advance(Duration.ofSeconds(15));
            assertThat(ban.ask("127.0.0.2")).isNull();
        }
    }

    @Test
    void oneViolationMayBeTooMany() {
        OpenedGate ban = OpenedGate.of(Ban.after(1));

        assertThat(ban.ask("127.0.0.2")).isNull();
        ban.left("127.0.0.2", CloseReason.FRAME_TOO_LARGE);
        assertThat(ban.ask("127.0.0.2")).isEqualTo(BANNED);
    }

    @Test
    void whoHasNoAddressIsNeverBanned() {
        OpenedGate ban = OpenedGate.of(Ban.after(1));

        ban.left(UNIX, CloseReason.FRAME_TOO_LARGE);
        ban.left(UNNAMED, CloseReason.FRAME_TOO_LARGE);
        assertThat(ban.ask(UNIX)).isNull();
        assertThat(ban.ask(UNNAMED)).isNull();
    }

    @Test
    void whoeverSharesAPrefixIsBannedTogether() {
        OpenedGate ban = OpenedGate.of(Ban.after(1).prefixes(24, 48));

        ban.left("127.0.1.2", CloseReason.FRAME_TOO_LARGE);
        assertThat(ban.ask("127.0.1.3")).isEqualTo(BANNED);
        assertThat(ban.ask("127.0.2.2")).isNull();
    }

    @Test
    void whoeverSharesAPrefixSharesItsPlaces() {
        OpenedGate limit = OpenedGate.of(ConnectionLimit.of(9).perAddress(1).prefixes(24, 48));

        assertThat(limit.ask("127.0.1.2")).isNull();
        assertThat(limit.ask("127.0.1.3")).isEqualTo(ADDRESS_LIMIT);
        assertThat(limit.ask("127.0.2.2")).isNull();
    }

    // ---- AddressRules

    @Test
    void theLongestNetworkDecides() {
        OpenedGate rules = OpenedGate.of(AddressRules.allow("10.0.0.0/8", "2001:db8::/32", "10.6.7.8")
                .andDeny("10.6.0.0/15", "2001:db8:1::/48"));

        assertThat(rules.ask("10.1.2.3")).isNull();
        assertThat(rules.ask("10.5.255.255")).isNull();
        assertThat(rules.ask("10.6.0.1")).isEqualTo(DENIED);
        assertThat(rules.ask("10.7.255.255")).isEqualTo(DENIED);
        assertThat(rules.ask("10.8.0.0")).isNull();
        assertThat(rules.ask("10.6.7.8")).isNull();
        assertThat(rules.ask("11.0.0.1")).isEqualTo(DENIED);
        assertThat(rules.ask("2001:db8::1")).isNull();
        assertThat(rules.ask("2001:db8:1::1")).isEqualTo(DENIED);
        assertThat(rules.ask("::1")).isEqualTo(DENIED);
        assertThat(rules.ask(UNIX)).isNull();
    }

    @Test
    void whatIsNotDeniedMayComeInWhereNothingIsAllowed() {
        OpenedGate rules = OpenedGate.of(AddressRules.deny("203.0.113.0/24", "::ffff:192.0.2.0/120"));

        assertThat(rules.ask("203.0.113.77")).isEqualTo(DENIED);
        assertThat(rules.ask("203.0.114.1")).isNull();
        assertThat(rules.ask("192.0.2.1")).isEqualTo(DENIED);
        assertThat(rules.ask("::1")).isNull();
        assertThat(OpenedGate.of(AddressRules.deny("0.0.0.0/0")).ask("1.2.3.4")).isEqualTo(DENIED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "10/8x"})
    void whatIsNoNetworkIsSaidAtStart(String text) {
        Endpoint endpoint = Tcp.listen(0)
                .with(AddressRules.allow(text))
                .with(ConnectionLimit.of(0).refusing(Refusal.saying(new byte[4_097])))
                .with(AcceptRate.of(0, Duration.ZERO))
                .with(Ban.after(0).prefixes(33, 129))
                .reply(bytes -> bytes);

        assertThatThrownBy(() -> Server.start(endpoint))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("AddressRules: " + text + " (expected: an address or a network")
                .hasMessageContaining("ConnectionLimit.of: 0 (expected: >= 1)")
                .hasMessageContaining("ConnectionLimit.refusing: 4097 bytes (expected: <= 4096)")
                .hasMessageContaining("AcceptRate.of: 0 (expected: >= 1)")
                .hasMessageContaining("Ban.after: 0 (expected: >= 1)")
                .hasMessageContaining("Ban.prefixes.ipv4Bits: 33 (expected: 1 to 32)");
    }

    @Test
    void whatIsSaidTwiceIsSaidAtStart() {
        Endpoint endpoint = Tcp.listen(0)
                .with(AddressRules.allow("10.0.0.0/8").andDeny("10.0.0.0/8"))
                .reply(bytes -> bytes);

        assertThatThrownBy(() -> Server.start(endpoint))
                .hasMessageContaining("AddressRules: 10.0.0.0/8 (expected: said once)");
    }

    @Test
    void eachRefusesInTheWayThatWasChosen() {
        Refusal chosen = Refusal.holding(Duration.ofSeconds(3));

        assertThat(OpenedGate.of(ConnectionLimit.of(1)).refusal()).isSameAs(Refusal.finishing());
        assertThat(OpenedGate.of(ConnectionLimit.of(1).refusing(chosen)).refusal())
                .isSameAs(chosen);
        assertThat(OpenedGate.of(AcceptRate.of(1, Duration.ofSeconds(1))).refusal())
                .isSameAs(Refusal.finishing());
        assertThat(OpenedGate.of(AcceptRate.of(1, Duration.ofSeconds(1)).refusing(chosen))
                        .refusal())
                .isSameAs(chosen);
        assertThat(OpenedGate.of(Ban.after(1)).refusal()).isSameAs(Refusal.finishing());
        assertThat(OpenedGate.of(Ban.after(1).refusing(chosen)).refusal()).isSameAs(chosen);
        assertThat(OpenedGate.of(AddressRules.deny("::1")).refusal()).isSameAs(Refusal.finishing());
        assertThat(OpenedGate.of(AddressRules.deny("::1").refusing(chosen)).refusal())
                .isSameAs(chosen);
    }

    @Test
    void stagesSayWhatTheyAllow() {
        assertThat(ConnectionLimit.of(10).perAddress(2).prefixes(24, 48).reserve(1))
                .hasToString("ConnectionLimit 10, 2 an address of /24 and /48, 1 reserved");
        assertThat(AcceptRate.of(100, Duration.ofSeconds(1)).perAddress(5))
                .hasToString("AcceptRate 100 in 1s, 5 an address");
        assertThat(Ban.after(3)).hasToString("Ban after 3 in 1m for 10m");
        assertThat(AddressRules.allow("10.0.0.0/8").andDeny("10.6.0.0/16"))
                .hasToString("AddressRules allow 10.0.0.0/8 deny 10.6.0.0/16");
    }
}
