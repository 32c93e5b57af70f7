package io.headrace.tcp;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.headrace.Codec;
import io.headrace.Drain;
import io.headrace.Server;
import io.headrace.Shutdown;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.LoggerFactory;

/** Answers each line after half a second, but for one that asks never to be answered; drains on SIGTERM. */
final class ShutdownProgram {

    private ShutdownProgram() {}

    /** {@code args}: the grace and the delay, in milliseconds. */
    public static void main(String[] args) {
        ((Logger) LoggerFactory.getLogger(Server.class)).setLevel(Level.INFO);
        AtomicInteger open = new AtomicInteger();
        Executor later = CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS);
        Server server = Tcp.listen(0)
                .named("slow")
                .with(Framing.lines(1_024))
                .codec(Codec.utf8())
                .handle((message, exchange) -> {
                    System.out.println("open " + open.incrementAndGet());
                    if (!message.equals("never")) {
                        later.execute(() -> exchange.reply("answer"));
                    }
                })
                .start();
        Drain drain = Drain.within(Duration.ofMillis(Long.parseLong(args[0])))
                .after(Duration.ofMillis(Long.parseLong(args[1])));
        Shutdown.hook(drain, server);
        System.out.println("port " + server.port());
    }
}
