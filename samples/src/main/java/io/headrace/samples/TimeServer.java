package io.headrace.samples;

import io.headrace.Endpoint;
import io.headrace.udp.UdpSetup;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The time (RFC 868): whatever is asked, the answer is the number of seconds since 1900, in four bytes. */
@Command(name = "time", sortOptions = false, description = "UDP: tells the time, as RFC 868 wants it.")
final class TimeServer implements Callable<Integer> {
    /** From 1900-01-01, where RFC 868 begins to count, to 1970-01-01. */
    private static final long SECONDS_BEFORE_1970 = 2_208_988_800L;

    @Mixin
    private final Listen listen = new Listen(8_037);

    static Endpoint endpoint(UdpSetup<ByteBuf, Object> at, InstantSource clock) {
        return at.named("time").reply(asked -> {
            long seconds = clock.instant().getEpochSecond() + SECONDS_BEFORE_1970;
            return Unpooled.buffer(4).writeInt((int) seconds); // Overflows in 2036; RFC 868 leaves it at that.
        });
    }

    @Override
    public Integer call() {
        return listen.serve(endpoint(listen.udp(), InstantSource.system()), "echo | nc -u -w1 HOST PORT | od -An -tx1");
    }
}
