package io.headrace.samples;

import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.tcp.Framing;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.TcpOptions;
import io.netty.buffer.ByteBuf;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Plain blocking code, on a thread of its own for each connection. */
@Command(name = "upper", sortOptions = false, description = "Plain blocking code: sends each line back in capitals.")
final class Upper implements Callable<Integer> {

    @Mixin
    private final Listen listen = new Listen(7_002);

    static Endpoint endpoint(StreamSetup<TcpOptions, ByteBuf, Object> at) {
        return at.named("upper").with(Framing.lines(1_024)).codec(Codec.utf8()).converse(talk -> {
            for (String line; (line = talk.receive()) != null; ) {
                talk.send(line.toUpperCase(Locale.ROOT));
            }
        });
    }

    @Override
    public Integer call() {
        return listen.serve(endpoint(listen.tcp()), "nc HOST PORT");
    }
}
