package io.headrace.tcp;

import io.netty.buffer.ByteBuf;

/** Where a frame ends, and what is written around one. Stateless: one instance serves every connection. */
interface Frames {
    /** Not all of the frame is there yet. */
    int INCOMPLETE = -1;

    /**
     * How many bytes the first frame of {@code in} takes with everything around it, or {@link #INCOMPLETE}.
     *
     * @param seen how many of the readable bytes were there the last time, so that no byte is searched twice
     */
    int find(ByteBuf in, int seen) throws FrameViolation;

    /** The payload of a frame that takes {@code length} bytes: a retained slice; {@code in} moves behind the frame. */
    ByteBuf take(ByteBuf in, int length);

    /** At most how many bytes {@link #open} and {@link #close} write. */
    int overheadBytes();

    /** Writes what stands before the payload. Throws when this payload cannot be framed. */
    void open(ByteBuf payload, ByteBuf out);

    /** Writes what stands behind the payload. */
    void close(ByteBuf out);
}
