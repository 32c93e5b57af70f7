package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.socket.DuplexChannel;
import java.util.function.Consumer;

/**
 * What becomes of a push ({@code send}) to a peer that reads too slowly. Replies are never dropped: they are bounded by the open exchanges.
 *
 * <p>Whatever is chosen, a session hears when its peer falls behind and when it has caught up: {@link
 * io.headrace.Session#writable(boolean)}. Each dropped message is counted ({@code headrace.messages.dropped}).
 */
public final class SlowConsumer implements ChannelStage<DuplexChannel> {
    private final String name;
    private final Consumer<StreamConnection<?, ?>> choice;

    private SlowConsumer(String name, Consumer<StreamConnection<?, ?>> choice) {
        this.name = name;
        this.choice = choice;
    }

    /** It is dropped and {@code send} gives false when more waits than the cap of {@link WriteMarks}: as without this stage. */
    public static SlowConsumer dropNewest() {
        return new SlowConsumer("drops newest", connection -> {});
    }

    /**
     * The oldest push that still waits is dropped for it: for feeds where only the latest counts. What is over the high mark of {@link
     * WriteMarks} waits where it can be dropped, up to the cap; {@code send} gives true.
     */
    public static SlowConsumer dropOldest() {
        return new SlowConsumer(
                "drops oldest", connection -> connection.outflow().dropOldest());
    }

    /** The connection is cut off as {@link CloseReason#SLOW_CONSUMER} when more waits than the cap of {@link WriteMarks}. */
    public static SlowConsumer close() {
        return new SlowConsumer("closes", connection -> connection.outflow().closeWhenFull());
    }

    /** Takes it off the line. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(SlowConsumer.class);
    }

    @Override
    public Slot slot() {
        return Slot.PRESSURE;
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        return loop -> ChannelStage.late((channel, line) -> choice.accept(StreamConnection.of(line)));
    }

    @Override
    public String toString() {
        return "SlowConsumer " + name;
    }
}
