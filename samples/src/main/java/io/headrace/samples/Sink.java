package io.headrace.samples;

import io.headrace.Endpoint;
import io.headrace.udp.UdpSetup;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Datagrams: counted and shown, never answered. */
@Command(name = "sink", sortOptions = false, description = "UDP: counts datagrams and shows what is in them.")
final class Sink implements Callable<Integer> {

    @Mixin
    private final Listen listen = new Listen(8_125);

    static Endpoint endpoint(UdpSetup<ByteBuf, Object> at, Consumer<String> print) {
        AtomicLong count = new AtomicLong();
        return at.named("sink").handle((datagram, exchange) -> {
            String from = PythonAddress.of(exchange.peer().address());
            print.accept("#" + count.incrementAndGet() + " from " + from + ": " + PeerText.of(datagram));
            exchange.consume();
        });
    }

    @Override
    public Integer call() {
        return listen.serve(endpoint(listen.udp(), listen.printer()::line), "printf hello | nc -u -w1 HOST PORT");
    }
}
