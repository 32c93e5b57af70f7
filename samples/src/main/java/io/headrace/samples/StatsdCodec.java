package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.Codec;
import io.headrace.MalformedMessageException;
import io.netty.buffer.ByteBuf;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One sample in a datagram, as StatsD writes it: {@code requests:3|c}. */
final class StatsdCodec implements Codec<StatsdCodec.Sample, StatsdCodec.Sample> {
    private static final Pattern FORM = Pattern.compile("([^:|\\s]+):(-?[0-9]+)\\|(c|g|ms)\n?");

    record Sample(String name, long value, String type) {}

    @Override
    public Sample decode(ByteBuf datagram) throws MalformedMessageException {
        Matcher parts = FORM.matcher(datagram.toString(UTF_8));
        if (!parts.matches()) {
            throw new MalformedMessageException("sample: something else (expected: name:value|c, g or ms)");
        }
        try {
            return new Sample(parts.group(1), Long.parseLong(parts.group(2)), parts.group(3));
        } catch (NumberFormatException tooLarge) {
            throw new MalformedMessageException("sample: a value beyond 64 bits");
        }
    }

    @Override
    public void encode(Sample sample, ByteBuf out) {
        out.writeCharSequence(sample.name() + ":" + sample.value() + "|" + sample.type(), UTF_8);
    }
}
