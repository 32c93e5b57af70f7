package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Line;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Watch;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Hears what happens to the connections of an endpoint, and knows whether each has lived one whole life. */
final class Lives implements ChannelStage<Channel> {
    private final boolean each;
    private final AtomicInteger begun = new AtomicInteger();
    private final List<CloseReason> reasons = new CopyOnWriteArrayList<>();
    private final List<Life> lives = new CopyOnWriteArrayList<>();

    private Lives(boolean each) {
        this.each = each;
    }

    /** Stands on every line. */
    static Lives ofEach() {
        return new Lives(true);
    }

    /** Only watches the loops, so that greetings may take their short way. */
    static Lives ofAll() {
        return new Lives(false);
    }

    /** One connection. Written by its event loop, read by the test. */
    static final class Life implements Watch {
        private final AtomicInteger opened = new AtomicInteger();
        private final List<CloseReason> reasons = new CopyOnWriteArrayList<>();
        private volatile long received;
        private volatile long sent;

        @Override
        public void opened() {
            opened.incrementAndGet();
        }

        @Override
        public void received(int bytes) {
            received += bytes;
        }

        @Override
        public void sent(long bytes) {
            sent += bytes;
        }

        @Override
        public void closed(CloseReason reason, long ageNs) {
            reasons.add(reason);
        }

        long received() {
            return received;
        }

        long sent() {
            return sent;
        }

        CloseReason reason() {
            return reasons.isEmpty() ? null : reasons.get(0);
        }

        void requireWhole() {
            // One whose line could not be laid never began.
            assertThat(opened.get()).as("opened").isLessThanOrEqualTo(1);
            assertThat(reasons).as("closed for one reason").hasSize(opened.get());
        }
    }

    @Override
    public Slot slot() {
        return Slot.ADMISSION;
    }

    @Override
    public PerLoop<Channel> open(Site site) {
        return loop -> {
            loop.watch(new Watch() {
                @Override
                public void opened() {
                    begun.incrementAndGet();
                }

                @Override
                public void closed(CloseReason reason, long ageNs) {
                    reasons.add(reason);
                }
            });
            return each ? (channel, line) -> begin(line) : ChannelStage.nothing();
        };
    }

    private void begin(Line line) {
        Life life = new Life();
        line.watch(life);
        lives.add(life);
    }

    /** How many have been opened. */
    int begun() {
        return begun.get();
    }

    /** The one that came as number {@code index}. */
    Life get(int index) {
        return index < lives.size() ? lives.get(index) : new Life(); // Counted, but its line is not laid yet.
    }

    /** Why they have ended, in the order in which they have. */
    List<CloseReason> reasons() {
        return reasons;
    }

    void requireWhole() {
        assertThat(reasons).as("closed").hasSize(begun());
        lives.forEach(Life::requireWhole);
    }
}
