package io.headrace;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * One thing that stands on an endpoint's line between the socket and the handler: a limit, a clock, framing, metrics.
 *
 * <p>There is one way to add behaviour, and the built-in stages use it themselves. A stage is a value: it is opened once per
 * running endpoint (what all loops share), once per event loop (plain fields), and installed once per channel.
 *
 * @param <C> the channels it can stand on; a stage for streams does not compile on UDP
 */
public sealed interface Stage<C extends Channel> permits ChannelStage, MessageStage, StageGroup {

    /** What makes two stages the same thing: adding one replaces the default of its kind, two of one kind are an error. */
    default Object kind() {
        return getClass();
    }

    /** Adds what is wrong with this stage's settings, or may surprise; called before any socket opens. */
    default void check(Problems problems) {}

    /** Adds what does not go together with what the endpoint does; called with {@link #check(Problems)}. */
    default void check(Problems problems, Application<?, ?> application) {}

    /**
     * A Netty handler of your own, in its place on the line.
     *
     * @param name the handler's name in the pipeline; unique on the endpoint
     * @param handlers gives the handler of each new channel; may return one {@code @Sharable} instance every time. It is also asked
     *     before anything opens, only to see that two channels are not given one handler that is not sharable
     */
    static Stage<Channel> netty(Slot slot, String name, Supplier<? extends ChannelHandler> handlers) {
        return new NettyStage(slot, name, handlers);
    }

    /** Several stages that come and go as one, of the given kind. */
    @SafeVarargs
    static <C extends Channel> Stage<C> group(Object kind, Stage<? super C>... parts) {
        List<Stage<? super C>> all = new ArrayList<>();
        for (Stage<? super C> part : parts) {
            all.add(part);
        }
        return new StageGroup<C>(kind, all);
    }

    /** Takes the default stage of this kind off the line. */
    static <C extends Channel> Stage<C> off(Object kind) {
        return new StageGroup<>(kind, List.<Stage<? super C>>of());
    }
}
