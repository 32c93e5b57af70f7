package io.headrace;

import io.netty.channel.Channel;

/** Stands where null was added, so that it is reported with whatever else is wrong. */
record NoStage(Slot slot) implements ChannelStage<Channel> {

    static Stage<Channel> here() {
        return new NoStage(Slot.WIRE);
    }

    @Override
    public void check(Problems problems) {
        problems.expect(false, "with", null, "a stage");
    }

    @Override
    public PerLoop<Channel> open(Site site) {
        return loop -> ChannelStage.nothing();
    }

    @Override
    public String toString() {
        return "null";
    }
}
