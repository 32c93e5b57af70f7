package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.bench.load.Ledger.Fate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final Ledger ledger = new Ledger(100);
    private final List<Long> failed = new ArrayList<>();

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(ledger.hasRoom(ledger.next())).isTrue();
            ledger.sent(ledger.next(), ledger.next());
        }
    }

    private void sweep(long nowNs) {
        ledger.sweep(nowNs, (dueNs, sentNs) -> failed.add(dueNs));
    }

    @Test
    void answersInOrderAreInTime() {
        send(3);

        assertThat(ledger.answered(0, 0)).isEqualTo(Fate.IN_TIME);
        assertThat(ledger.answered(1, 1)).isEqualTo(Fate.IN_TIME);
        assertThat(ledger.unsettled()).isTrue();
        assertThat(ledger.answered(2, 2)).isEqualTo(Fate.IN_TIME);
        assertThat(ledger.unsettled()).isFalse();
    }

    @Test
    void answersBehindALaterOneAreReordered() {
        send(4);

        assertThat(ledger.answered(2, 2)).isEqualTo(Fate.IN_TIME);
        assertThat(ledger.answered(0, 0)).isEqualTo(Fate.REORDERED);
        assertThat(ledger.answered(1, 1)).isEqualTo(Fate.REORDERED);
        assertThat(ledger.answered(3, 3)).isEqualTo(Fate.IN_TIME);
    }

    @Test
    void onlyTheFirstAnswerCounts() {
        send(1);

        assertThat(ledger.answered(0, 0)).isEqualTo(Fate.IN_TIME);
        assertThat(ledger.answered(0, 0)).isEqualTo(Fate.DUPLICATE);
        assertThat(ledger.answered(0, 0)).isEqualTo(Fate.DUPLICATE);
    }

    @Test
    void answersAfterTheFailureAreLateOnceAndThenDuplicates() {
        send(2);
        sweep(100);

        assertThat(failed).containsExactly(0L);
        assertThat(ledger.answered(0, 0)).isEqualTo(Fate.LATE);
        assertThat(ledger.answered(0, 0)).isEqualTo(Fate.DUPLICATE);
        assertThat(ledger.answered(1, 1)).isEqualTo(Fate.IN_TIME);
    }

    @Test
    void whatWasNeverAskedIsCorrupt() {
        send(2);

        assertThat(ledger.answered(2, 2)).isEqualTo(Fate.CORRUPT);
        assertThat(ledger.answered(-1, 0)).isEqualTo(Fate.CORRUPT);
        assertThat(ledger.answered(1, 7)).isEqualTo(Fate.CORRUPT);
        assertThat(ledger.answered(1, 1)).isEqualTo(Fate.IN_TIME);
    }

    @Test
    void remembersMoreWhenMoreAreInFlight() {
        Ledger patient = new Ledger(1_000_000);
        for (int i = 0; i < 10_000; i++) {
            assertThat(patient.hasRoom(i)).isTrue();
            patient.sent(i, i);
        }

        for (int i = 0; i < 10_000; i++) {
            assertThat(patient.answered(i, i)).isEqualTo(Fate.IN_TIME);
        }
        assertThat(patient.unsettled()).isFalse();
    }

    @Test
    void forgetsWhatIsTwiceAsOldAsThePatience() {
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 64; j++) {
                ledger.hasRoom(i * 1_000);
                ledger.sent(i * 1_000, i * 1_000);
            }
            sweep(i * 1_000 + 500);
        }

        assertThat(failed).hasSize(640);
        assertThat(ledger.remembers(575)).isFalse();
        assertThat(ledger.remembers(576)).isTrue();
        assertThat(ledger.answered(0, 0)).isEqualTo(Fate.LATE);
    }
}
