package io.headrace.contract;

import io.headrace.Codec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.nio.charset.StandardCharsets;

/** A message that counts references, as a buffer does, and is never pooled: what a test reads from it stays true. */
final class Parcel extends AbstractReferenceCounted {
    final String text;

    Parcel(String text) {
        this.text = text;
    }

    static Codec<Parcel, Parcel> codec() {
        return new Codec<>() {
            @Override
            public Parcel decode(ByteBuf bytes) {
                return new Parcel(bytes.toString(StandardCharsets.UTF_8));
            }

            @Override
            public void encode(Parcel message, ByteBuf out) {
                ByteBufUtil.writeUtf8(out, message.text);
            }
        };
    }

    @Override
    protected void deallocate() {}

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }
}
