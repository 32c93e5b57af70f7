package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.stage.RateLimit;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private TestEndpoint endpoint;

    @AfterEach
    void stop() {
        if (endpoint != null) {
            endpoint.close();
        }
    }

    private TestEndpoint.Line echo(MessageStage... stages) {
        endpoint = TestEndpoint.of(Adapters.reply(message -> message), stages);
        return endpoint.line();
    }

    private void pass(Duration time) {
        endpoint.clock.advance(time);
        endpoint.run(endpoint.loop::batchEnded);
    }

    @Test
    void theSurplusIsRefusedUntilTimeHasPassed() {
        TestEndpoint.Line line = echo(RateLimit.of(4, SECOND));
        line.receive(1, 2, 3, 4, 5, 6);
        assertThat(line.sent).containsExactly(1, 2, 3, 4);
        assertThat(line.unanswered()).containsExactly(Outcome.REFUSED, Outcome.REFUSED);
        pass(Duration.ofMillis(250));
        line.receive(7, 8);
        assertThat(line.sent).containsExactly(1, 2, 3, 4, 7);
    }

    @Test
    void aBurstMayBeSmallerThanTheRate() {
        TestEndpoint.Line line = echo(RateLimit.of(10, SECOND).burst(2));
        line.receive(1, 2, 3);
        assertThat(line.sent).containsExactly(1, 2);
        pass(SECOND); // What is saved is a burst at most.
        line.receive(4, 5, 6);
        assertThat(line.sent).containsExactly(1, 2, 4, 5);
    }

    @Test
    void theRateIsThatOfAllConnections() {
        TestEndpoint.Line one = echo(RateLimit.of(1, SECOND));
        TestEndpoint.Line other = endpoint.line();
        one.receive(1);
        other.receive(2);
        assertThat(other.unanswered()).containsExactly(Outcome.REFUSED);
    }

    private TestEndpoint.Line from(String address) throws Exception {
        return endpoint.line(new InetSocketAddress(InetAddress.getByName(address), 1_000));
    }

    @Test
    void anAddressHasItsOwnShareWhateverItsConnections() throws Exception {
        echo(RateLimit.of(5, SECOND).perAddress(2));
        TestEndpoint.Line greedy = from("10.0.0.1");
        TestEndpoint.Line again = from("10.0.0.1");
        greedy.receive(1, 2);
        again.receive(3, 4, 5, 6, 7);
        assertThat(again.sent).isEmpty();
        TestEndpoint.Line modest = from("10.0.0.2");
        modest.receive(8, 9); // What was refused did not count for all.
        assertThat(modest.sent).containsExactly(8, 9);
        TestEndpoint.Line third = from("10.0.0.3");
        third.receive(10, 11);
        assertThat(third.sent).containsExactly(10);
    }

    @Test
    void peersWithoutAnAddressAreNotJudgedByIt() {
        TestEndpoint.Line line = echo(RateLimit.of(5, SECOND).perAddress(1));
        line.receive(1, 2, 3);
        assertThat(line.sent).containsExactly(1, 2, 3);
    }

    @Test
    void threadsThatCompeteNeverGetMoreThanTheBurst() throws Exception {
        Rate rate = Rate.of(1_000, Duration.ofDays(1), 1_000);
        AtomicLong state = new AtomicLong(Rate.FRESH);
        AtomicLong admitted = new AtomicLong();
        List<Thread> threads = List.of(contender(rate, state, admitted), contender(rate, state, admitted));
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(admitted).hasValue(1_000);
    }

    private static Thread contender(Rate rate, AtomicLong state, AtomicLong admitted) {
        Thread thread = new Thread(() -> {
            for (int i = 0; i < 50_000; i++) {
                if (rate.admits(state, 0)) {
                    admitted.incrementAndGet();
                }
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void aRateThatNanosecondsCannotCountDoesNotOverflow() {
        Rate rate = Rate.of(1, Duration.ofDays(36_500), Integer.MAX_VALUE);
        assertThat(rate.toleranceNs()).isPositive();
        assertThat(Rate.of(Integer.MAX_VALUE, SECOND, 1).intervalNs()).isPositive();
    }

    @Test
    void badSettingsAreReportedByName() {
        Problems problems = new Problems("test");
        RateLimit.of(0, Duration.ZERO).burst(0).perAddress(0).check(problems);
        assertThat(problems.lines())
                .containsExactly(
                        "RateLimit: 0 (expected: >= 1)",
                        "RateLimit, in: PT0S (expected: > 0, at most 100 years)",
                        "RateLimit.burst: 0 (expected: >= 1)",
                        "RateLimit.perAddress: 0 (expected: >= 1)");
    }

    @Test
    void theLineShowsWhatIsSet() {
        assertThat(RateLimit.of(100, SECOND)).hasToString("RateLimit 100 in 1s");
        assertThat(RateLimit.of(100, SECOND).burst(5).perAddress(10))
                .hasToString("RateLimit 100 in 1s, 5 at once, 10 per address");
    }
}
