package io.headrace.tcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;

/** A peer of a {@link Schedule}, on the loop that it drives: nothing here waits for anything. */
final class SchedulePeer {
    private final InMemoryChannel channel;
    private final StringBuilder heard = new StringBuilder();
    private boolean reading = true;

    SchedulePeer(EventLoop loop, int receiveBufferBytes) {
        channel = new InMemoryChannel(receiveBufferBytes);
        channel.pipeline().addLast(new Hearing());
        loop.register(channel);
    }

    private final class Hearing extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            heard.append(bytes.toString(US_ASCII));
            bytes.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable reset) {
            ctx.close();
        }
    }

    String connect(String server) {
        var connected = channel.connect(new LocalAddress(server));
        return connected.isSuccess() ? "in" : "refused";
    }

    void say(String text) {
        channel.writeAndFlush(Unpooled.copiedBuffer(text, US_ASCII));
    }

    /** Whether it reads from now on. */
    boolean toggleReading() {
        reading = !reading;
        channel.config().setAutoRead(reading);
        return reading;
    }

    void finish() {
        channel.shutdownOutput();
    }

    String reset() {
        channel.reset();
        channel.close();
        return " resets";
    }

    String close() {
        channel.close();
        return " closes";
    }

    /** Answers that carry a number come in the order in which their questions were said, each once. */
    void requireOrder() {
        int before = -1;
        for (int at = 0, end; (end = heard.indexOf("\n", at)) >= 0; at = end + 1) {
            int now = Integer.parseInt(heard.substring(at + 1, end).replaceAll("\\D.*", ""));
            assertThat(now).as("answers in order: %s", heard).isGreaterThan(before);
            before = now;
        }
    }
}
