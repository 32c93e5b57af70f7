package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PeerRatesTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final AtomicInteger evicted = new AtomicInteger();
    private final PeerRates rates = new PeerRates(Rate.perSecond(10, 3), 1_024, evicted::incrementAndGet);

    @Test
    void aBurstMayComeAtOnceAndThenTheRateHolds() {
        assertThat(rates.admits(1, 0)).isTrue();
        assertThat(rates.admits(1, 0)).isTrue();
        assertThat(rates.admits(1, 0)).isTrue();
        assertThat(rates.admits(1, 0)).isFalse();
        assertThat(rates.admits(1, SECOND_NS / 10)).isTrue();
        assertThat(rates.admits(1, SECOND_NS / 10)).isFalse();
    }

    @Test
    void aQuietPeerSavesNoMoreThanItsBurst() {
        rates.admits(1, 0);
        for (int i = 0; i < 3; i++) {
            assertThat(rates.admits(1, 100 * SECOND_NS)).isTrue();
        }
        assertThat(rates.admits(1, 100 * SECOND_NS)).isFalse();
    }

    /** E10: a million forged senders. */
    @Test
    void aMillionPeersEvictOneAnotherAndEachIsCounted() {
        for (int i = 0; i < 1_000_000; i++) {
            rates.admits(i, 0);
        }
        assertThat(evicted).hasValue(1_000_000 - 1_024);
    }

    @Test
    void whoHasBeenQuietForLongIsForgottenWithoutCounting() {
        for (int i = 0; i < 100_000; i++) {
            rates.admits(i, i * SECOND_NS);
        }
        assertThat(evicted).hasValue(0);
    }

    @Test
    void ipV6CountsBySixtyFourBits() throws Exception {
        assertThat(key("2001:db8::1")).isEqualTo(key("2001:db8::2")).isNotEqualTo(key("2001:db8:0:1::1"));
        assertThat(key("127.0.0.1")).isNotEqualTo(key("127.0.0.2")).isEqualTo(key("::ffff:127.0.0.1"));
        assertThat(key("::1")).isNotEqualTo(key("0.0.0.0"));
    }

    private static long key(String address) throws Exception {
        return PeerRates.key(InetAddress.getByName(address));
    }
}
