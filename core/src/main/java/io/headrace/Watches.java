package io.headrace;

import java.util.List;

/** Several watches as one. */
record Watches(List<Watch> all) implements Watch {

    static final Watch NONE = new Watch() {};

    static Watch of(List<Watch> watches) {
        return switch (watches.size()) {
            case 0 -> NONE;
            case 1 -> watches.get(0);
            default -> new Watches(List.copyOf(watches));
        };
    }

    @Override
    public void opened() {
        all.forEach(Watch::opened);
    }

    @Override
    public void rejected(RejectReason reason) {
        for (Watch watch : all) {
            watch.rejected(reason);
        }
    }

    @Override
    public void acceptFailed(AcceptError error) {
        all.forEach(watch -> watch.acceptFailed(error));
    }

    @Override
    public void received(int bytes) {
        for (Watch watch : all) {
            watch.received(bytes);
        }
    }

    @Override
    public void sent(long bytes) {
        for (Watch watch : all) {
            watch.sent(bytes);
        }
    }

    @Override
    public void closed(CloseReason reason, long ageNs) {
        all.forEach(watch -> watch.closed(reason, ageNs));
    }

    @Override
    public void writable(boolean writable) {
        all.forEach(watch -> watch.writable(writable));
    }

    @Override
    public void pending(long bytes) {
        for (Watch watch : all) {
            watch.pending(bytes);
        }
    }

    @Override
    public void bytesDropped(long bytes) {
        all.forEach(watch -> watch.bytesDropped(bytes));
    }

    @Override
    public void messageDropped() {
        all.forEach(Watch::messageDropped);
    }

    @Override
    public void lingerAborted() {
        all.forEach(Watch::lingerAborted);
    }

    @Override
    public void datagramReceived(int bytes) {
        for (Watch watch : all) {
            watch.datagramReceived(bytes);
        }
    }

    @Override
    public void datagramSent(int bytes) {
        for (Watch watch : all) {
            watch.datagramSent(bytes);
        }
    }

    @Override
    public void datagramDropped(DropReason reason) {
        all.forEach(watch -> watch.datagramDropped(reason));
    }

    @Override
    public void peerEvicted() {
        all.forEach(Watch::peerEvicted);
    }

    @Override
    public void questionRepeated() {
        all.forEach(Watch::questionRepeated);
    }

    @Override
    public void questionLost() {
        all.forEach(Watch::questionLost);
    }
}
