package io.headrace.bench.load;

/** A connection that is always there, and never asks. */
class Mute implements Pacer.Paced {
    final Lane lane;

    Mute(Lane lane) {
        this.lane = lane;
    }

    @Override
    public void open() {
        lane.settled();
    }

    @Override
    public void start() {}

    @Override
    public void due(long whenNs, long nowNs) {}

    @Override
    public boolean hasUnflushed() {
        return false;
    }

    @Override
    public void flush() {}

    @Override
    public void sweep(long nowNs) {}

    @Override
    public void finish(long nowNs) {}

    @Override
    public boolean isOpen() {
        return true;
    }
}
