package io.headrace;

import io.netty.channel.Channel;

/**
 * A stage that prepares each new channel and sees bytes.
 *
 * <p>It may add Netty handlers, or only watch: a {@link Watch} hears of every connection and every byte without a handler on
 * the line.
 */
public non-sealed interface ChannelStage<C extends Channel> extends Stage<C> {

    Slot slot();

    /** Whether it decides who may come in, or how much they may ask for; by its slot, unless it only watches there. */
    default boolean guards() {
        return slot().guards();
    }

    /** Opens what all loops of one running endpoint share. Starting thread. Close it with {@link Site#onStop}. */
    PerLoop<C> open(Site site);

    /** What a stage shares between its loops. */
    @FunctionalInterface
    interface PerLoop<C extends Channel> {
        /** Opens the stage on one loop, before any channel is there; what it returns may use plain fields. */
        PerChannel<C> onLoop(LoopSite loop);
    }

    /** A stage on one loop. */
    @FunctionalInterface
    interface PerChannel<C extends Channel> {
        /** Prepares one new channel. Event loop only, before the channel is active. */
        void install(C channel, Line line);

        /**
         * Whether a connection may be greeted and closed before this is installed: true only where nothing is added to the line and
         * nothing can be refused.
         */
        default boolean canWait() {
            return false;
        }
    }

    /** One that {@link PerChannel#canWait can wait}. */
    static <C extends Channel> PerChannel<C> late(PerChannel<C> stage) {
        return new PerChannel<>() {
            @Override
            public void install(C channel, Line line) {
                stage.install(channel, line);
            }

            @Override
            public boolean canWait() {
                return true;
            }
        };
    }

    /** For a stage that only watches its loop and has nothing to do for a single channel. */
    static <C extends Channel> PerChannel<C> nothing() {
        return late((channel, line) -> {});
    }
}
