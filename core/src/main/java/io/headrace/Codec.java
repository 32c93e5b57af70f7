package io.headrace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;

/**
 * From a frame or datagram to a message, and back. One instance serves every connection on every loop, so it keeps no state.
 *
 * @param <I> what comes in
 * @param <O> what may go out
 */
public interface Codec<I, O> {

    /**
     * Reads one message out of {@code bytes}, which holds one whole frame or datagram and is released afterwards.
     *
     * @throws MalformedMessageException when the peer sent nonsense: closes a stream, drops a datagram
     */
    I decode(ByteBuf bytes) throws Exception;

    /** Writes one message into {@code out}. The caller releases a message that counts references. */
    void encode(O message, ByteBuf out) throws Exception;

    /**
     * Turns what the line delivers into a message. Takes ownership of {@code delivered}. Only codecs that pass objects or buffers
     * through replace this.
     */
    default I receive(Object delivered) throws Exception {
        if (!(delivered instanceof ByteBuf bytes)) {
            throw ObjectCodec.unexpected(delivered, "a buffer", "add codec(Codec.none(In.class, Out.class))");
        }
        try {
            return decode(bytes);
        } finally {
            bytes.release();
        }
    }

    /** Turns a message into what the line takes. Takes ownership of {@code message}; gives a new reference. */
    default Object transmit(O message, ByteBufAllocator allocator) throws Exception {
        ByteBuf out = allocator.ioBuffer();
        try {
            encode(message, out);
            return out;
        } catch (Throwable failure) {
            out.release();
            throw failure;
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** UTF-8 text. Malformed input is refused, not replaced (RFC 3629, section 10). */
    static Codec<String, String> utf8() {
        return Utf8Codec.INSTANCE;
    }

    /** Byte arrays: a copy of what came, no ownership to think of. */
    static Codec<byte[], byte[]> bytes() {
        return BytesCodec.INSTANCE;
    }

    /** No codec at all: buffers come in; buffers, byte arrays and text (as UTF-8) may go out. What an endpoint has by default. */
    static Codec<ByteBuf, Object> raw() {
        return RawCodec.INSTANCE;
    }

    /** For lines whose own Netty handlers already make and take messages. */
    static <I, O> Codec<I, O> none(Class<I> in, Class<O> out) {
        return new ObjectCodec<>(in, out);
    }
}
