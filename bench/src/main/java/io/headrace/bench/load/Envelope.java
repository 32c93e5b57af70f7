package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * What a datagram carries before its letters: run, flow, number, time, of 8, 4, 8 and 8 bytes. One per flow; it is written over the first
 * letters of the loop's message, which are never compared.
 */
final class Envelope {
    static final int BYTES = 28;

    private static final int FLOW_AT = 8;
    private static final int NUMBER_AT = 12;
    private static final int TIME_AT = 20;

    private final long run;
    private final int flow;
    private final ByteBuf letters;
    private final int size;

    Envelope(long run, int flow, Message message) {
        this.run = run;
        this.flow = flow;
        letters = message.bytes();
        size = message.size();
    }

    int size() {
        return size;
    }

    /** A whole datagram, until the next one is asked for. */
    ByteBuf of(long number, long sentNs) {
        return letters.setIndex(0, size)
                .setLong(0, run)
                .setInt(FLOW_AT, flow)
                .setLong(NUMBER_AT, number)
                .setLong(TIME_AT, sentNs);
    }

    /** Whether these bytes are, but for number and time, what this flow sends. */
    boolean isOn(ByteBuf bytes) {
        int from = bytes.readerIndex();
        return bytes.readableBytes() == size
                && bytes.getLong(from) == run
                && bytes.getInt(from + FLOW_AT) == flow
                && ByteBufUtil.equals(bytes, from + BYTES, letters, BYTES, size - BYTES);
    }

    long number(ByteBuf bytes) {
        return bytes.getLong(bytes.readerIndex() + NUMBER_AT);
    }

    long sentNs(ByteBuf bytes) {
        return bytes.getLong(bytes.readerIndex() + TIME_AT);
    }
}
