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
            private final int row = size * message.most();
            private int got;

            @Override
            public int take(ByteBuf bytes) {
                int whole = 0;
                int from = bytes.readerIndex();
                int left = bytes.readableBytes();
                while (left > 0) {
                    // As many answers at once as the row of requests is long.
                    int part = Math.min(left, row - got);
                    if (!equal(bytes, from, expected, got, part)) {
                        return WRONG;
                    }
                    from += part;
                    left -= part;
                    whole += (got + part) / size;
                    got = (got + part) % size;
                }
                return whole;
            }

            @Override
            public void reset() {
                got = 0;
            }
        };
    }

    /** As the JDK compares buffers: many bytes in one instruction. */
    private static boolean equal(ByteBuf a, int fromA, ByteBuf b, int fromB, int length) {
        return a.nioBufferCount() == 1
                ? a.internalNioBuffer(fromA, length).equals(b.internalNioBuffer(fromB, length))
                : ByteBufUtil.equals(a, fromA, b, fromB, length);
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
