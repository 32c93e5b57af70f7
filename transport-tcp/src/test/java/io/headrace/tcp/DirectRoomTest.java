package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Whether there is room for a large buffer, as numbers that the test sets; chunks are of 4,000 bytes. */
class DirectRoomTest {
    private final AtomicLong left = new AtomicLong();
    private final AtomicLong free = new AtomicLong();
    private final DirectRoom room = new DirectRoom(left::get, free::get, 4_000);

    private boolean has(int bytes) {
        try {
            room.ask(bytes);
            return true;
        } catch (DirectRoom.NoRoomError none) {
            return false;
        }
    }

    @Test
    void whileThePoolMayGrowThereIsRoom() {
        left.set(4_000);
        assertThat(has(1_000)).isTrue();
        assertThat(has(4_001)).isFalse(); // More than a chunk is taken on its own.
        left.set(3_999);
        assertThat(has(1_000)).isFalse();
    }

    @Test
    void thenWhatThePoolHasMustDoLessHalfAChunk() {
        free.set(3_000);
        assertThat(has(1_000)).isTrue();
        assertThat(has(1_001)).isFalse();
        free.set(100_000);
        assertThat(has(4_000)).isTrue();
        assertThat(has(4_001)).isFalse(); // No chunk is as large as that.
    }

    @Test
    void whatWasFreeAndDidNotDoIsKeptBackForAWhile() {
        free.set(5_000);
        assertThat(has(1_000)).isTrue();
        room.wasRefused(new OutOfMemoryError());
        assertThat(has(1_000)).isFalse();
        for (int i = 0; i < 100 && !has(1_000); i++) {
            assertThat(i).isLessThan(99);
        }
        free.set(2_999);
        for (int i = 0; i < 100; i++) {
            assertThat(has(1_000)).isFalse(); // Never less than half a chunk.
        }
    }

    @Test
    void itsOwnRefusalTeachesNothing() {
        free.set(5_000);
        room.wasRefused(new DirectRoom.NoRoomError(1));
        assertThat(has(3_000)).isTrue();
    }

    @Test
    void itIsTakenForWhatItIs() {
        assertThatThrownBy(() -> room.ask(1_000))
                .matches(Faults::noDirectMemory)
                .satisfies(error -> assertThat(error.getStackTrace()).isEmpty());
    }
}
