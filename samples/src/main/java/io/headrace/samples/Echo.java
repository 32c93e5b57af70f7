package io.headrace.samples;

import io.headrace.Endpoint;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.TcpOptions;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Raw bytes. */
@Command(name = "echo", sortOptions = false, description = "Raw bytes: sends back what comes in.")
final class Echo implements Callable<Integer> {

    @Mixin
    private final Listen listen = new Listen(7_007);

    static Endpoint endpoint(StreamSetup<TcpOptions, ByteBuf, Object> at) {
        return at.named("echo").reply(bytes -> bytes);
    }

    @Override
    public Integer call() {
        return listen.serve(endpoint(listen.tcp()), "nc HOST PORT");
    }
}
