package io.headrace.samples;

import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.tcp.Framing;
import io.headrace.tcp.IdleTimeout;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.TcpOptions;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Sessions with state, and messages that nobody asked for. */
@Command(name = "chat", sortOptions = false, description = "State and push: everybody hears what anybody says.")
final class Chat implements Callable<Integer> {

    @Mixin
    private final Listen listen = new Listen(7_001);

    static Endpoint endpoint(StreamSetup<TcpOptions, ByteBuf, Object> at) {
        ChatRoom room = new ChatRoom();
        return at.named("chat")
                .with(IdleTimeout.after(Duration.ofHours(1))) // In place of the default: people think longer than that.
                .with(Framing.lines(1_024))
                .codec(Codec.utf8())
                .sessions(me -> new ChatSession(room, me));
    }

    @Override
    public Integer call() {
        return listen.serve(
                endpoint(listen.tcp()), "nc HOST PORT", "nc HOST PORT   # and once more, for somebody to talk to");
    }
}
