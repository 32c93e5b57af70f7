package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.DropReason;
import io.headrace.Watch;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What became of each datagram, by the one promise that serves them all. */
class TallyTest implements Watch, Tally.Listener, Tally.Runs {
    private final List<String> events = new ArrayList<>();
    private final Tally tally = new Tally(new EmbeddedChannel(), this, this, this);

    @Override
    public void datagramSent(int bytes) {
        events.add("sent " + bytes);
    }

    @Override
    public void datagramDropped(DropReason reason) {
        events.add("dropped " + reason);
    }

    @Override
    public void taken() {
        events.add("run taken");
    }

    @Override
    public boolean refused(Throwable cause) {
        events.add("run refused");
        return cause instanceof IOException;
    }

    @Override
    public void sendFailed(Throwable cause) {
        events.add("failed " + cause.getMessage());
    }

    @Override
    public void allSent() {
        events.add("all");
    }

    @Test
    void eachSendIsToldWithItsOwnSize() {
        tally.queued(3, Segments.WHOLE);
        tally.queued(5, Segments.WHOLE);
        tally.trySuccess();
        tally.trySuccess();
        assertThat(events).containsExactly("sent 3", "sent 5", "all");
    }

    @Test
    void aFailedSendIsDropped() {
        tally.queued(3, Segments.WHOLE);
        tally.tryFailure(new IOException("Permission denied"));
        assertThat(events).containsExactly("dropped SEND_FAILED", "failed Permission denied", "all");
    }

    @Test
    void aRefusedRunIsNotDroppedYet() {
        tally.queued(250, 100);
        tally.tryFailure(new IOException("Input/output error"));
        assertThat(events).containsExactly("run refused", "all");
    }

    @Test
    void aRunThatIsNotSentAgainIsDroppedWithEachOfItsDatagrams() {
        tally.queued(250, 100);
        tally.tryFailure(new IllegalStateException("closed"));
        assertThat(events).filteredOn(event -> event.startsWith("dropped")).hasSize(3);
    }

    @Test
    void aRunIsTakenWithEachOfItsDatagrams() {
        tally.queued(250, 100);
        tally.trySuccess();
        assertThat(events).containsExactly("run taken", "sent 100", "sent 100", "sent 50", "all");
    }

    @Test
    void aFailedSendDoesNotShiftTheSizesOfTheNext() {
        tally.queued(3, Segments.WHOLE);
        tally.queued(5, Segments.WHOLE);
        tally.tryFailure(new IOException("Permission denied"));
        tally.trySuccess();
        assertThat(events).containsExactly("dropped SEND_FAILED", "failed Permission denied", "sent 5", "all");
    }

    @Test
    void sizesKeepTheirOrderWhileTheQueueGrows() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            tally.queued(i, Segments.WHOLE);
            tally.trySuccess();
        }
        events.clear();
        for (int i = 0; i < 100; i++) {
            tally.queued(i, Segments.WHOLE);
            expected.add("sent " + i);
        }
        for (int i = 0; i < 100; i++) {
            tally.trySuccess();
        }
        expected.add("all");
        assertThat(events).isEqualTo(expected);
    }

    @Test
    void knowsHowManyBytesWait() {
        tally.queued(3, Segments.WHOLE);
        tally.queued(5, Segments.WHOLE);
        tally.trySuccess();
        assertThat(tally.waitingBytes()).isEqualTo(5);
        assertThat(tally.empty()).isFalse();
    }
}
