package io.headrace.samples;

import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.tcp.Framing;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.TcpOptions;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Framing, a codec, request and reply. */
@Command(name = "lines", sortOptions = false, description = "Request and reply: greets each name, a line each.")
final class Lines implements Callable<Integer> {

    @Mixin
    private final Listen listen = new Listen(7_000);

    static Endpoint endpoint(StreamSetup<TcpOptions, ByteBuf, Object> at) {
        return at.named("lines").with(Framing.lines(1_024)).codec(Codec.utf8()).reply(name -> "Hello, " + name + "!");
    }

    @Override
    public Integer call() {
        return listen.serve(endpoint(listen.tcp()), "printf 'Ada\\n' | nc -N HOST PORT");
    }
}
