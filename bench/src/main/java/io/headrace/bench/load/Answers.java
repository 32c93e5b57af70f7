package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** Finds where answers end in what a connection receives. One per connection. Event loop only. */
interface Answers {
    /** What came is not an answer. */
    int WRONG = -1;

    /** How many answers became whole with these bytes, or {@link #WRONG}. */
    int take(ByteBuf bytes);

    /** Forgets the part of an answer, for a new connection. */
    void reset();

    /** What answers look like. */
    interface Kind {
        Answers of(Message message);
    }

    /** The same bytes as the request. */
    static Answers same(Message message) {
        return new Answers() {
            private final ByteBuf expected = message.bytes();
            private final int size = message.size();
            private int got;

            @Override
            public int take(ByteBuf bytes) {
                int whole = 0;
                int from = bytes.readerIndex();
                int left = bytes.readableBytes();
                while (left > 0) {
                    int part = Math.min(left, size - got);
                    if (!ByteBufUtil.equals(bytes, from, expected, got, part)) {
                        return WRONG;
                    }
                    from += part;
                    left -= part;
                    got += part;
                    if (got == size) {
                        got = 0;
                        whole++;
                    }
                }
                return whole;
            }

            @Override
            public void reset() {
                got = 0;
            }
        };
    }

    /** Any bytes, so many for each request. */
    static Kind sized(int size) {
        return message -> new Answers() {
            private int got;

            @Override
            public int take(ByteBuf bytes) {
                long all = (long) got + bytes.readableBytes();
                got = (int) (all % size);
                return (int) (all / size);
            }

            @Override
            public void reset() {
                got = 0;
            }
        };
    }

    /** Any bytes, up to and with this one. */
    static Kind until(byte last) {
        return message -> new Answers() {
            @Override
            public int take(ByteBuf bytes) {
                int whole = 0;
                int from = bytes.readerIndex();
                int end = bytes.writerIndex();
                for (int at; (at = bytes.indexOf(from, end, last)) >= 0; from = at + 1) {
                    whole++;
                }
                return whole;
            }

            @Override
            public void reset() {
                // An answer that has begun leaves nothing behind.
            }
        };
    }
}
