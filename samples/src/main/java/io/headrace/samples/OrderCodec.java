package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.Codec;
import io.headrace.MalformedMessageException;
import io.netty.buffer.ByteBuf;

/** Orders in, receipts out, in a binary form: four bytes of quantity and the item's name; eight bytes of receipt number. */
final class OrderCodec implements Codec<OrderCodec.Order, OrderCodec.Receipt> {

    record Order(String item, int quantity) {}

    record Receipt(long number) {}

    // tag::codec[]
    @Override
    public Order decode(ByteBuf frame) throws MalformedMessageException {
        if (frame.readableBytes() <= Integer.BYTES) {
            throw new MalformedMessageException("order: " + frame.readableBytes() + " bytes (expected: more than 4)");
        }
        int quantity = frame.readInt();
        return new Order(frame.readString(frame.readableBytes(), UTF_8), quantity);
    }

    @Override
    public void encode(Receipt receipt, ByteBuf out) {
        out.writeLong(receipt.number());
    }
    // end::codec[]
}
