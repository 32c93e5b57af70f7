package io.headrace.udp;

import io.headrace.ChannelStage;
import io.headrace.DropReason;
import io.headrace.Exchange;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Peer;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Sends more than its socket has room for, for {@link FullSocketTest}, and says what became of it. */
final class FullSocketProgram implements ChannelStage<Channel> {
    private final Counts counts = new Counts();
    private final CompletableFuture<Boolean> waits = new CompletableFuture<>();
    private Channel channel;

    public static void main(String[] args) throws Exception {
        String result = args[0].equals("wait") ? new FullSocketProgram().inOrder() : new FullSocketProgram().bounded();
        System.out.println("result: " + result);
        System.exit(0);
    }

    private interface Words {
        void sayTo(Peer<Object> peer);
    }

    private Server saying(Words words) {
        return Udp.listen(0)
                .loops(Loops.of(Backend.EPOLL).threads(1))
                .with(ReplyLimit.off())
                .with(counts)
                .with(this)
                .options(o -> o.sendBufferBytes(4_096))
                .handle((ByteBuf asked, Exchange<Object> exchange) -> {
                    words.sayTo(exchange.peer());
                    exchange.consume();
                    // After the batch, and before the loop may hear that there is room.
                    channel.eventLoop().execute(() -> waits.complete(somethingWaits()));
                })
                .start();
    }

    private boolean somethingWaits() {
        return !channel.unsafe().outboundBuffer().isEmpty();
    }

    private String inOrder() throws Exception {
        int inOrder = 0;
        try (Server server = saying(peer -> {
                    for (int i = 100; i < 300; i++) {
                        peer.send("number " + i + " ".repeat(90));
                    }
                });
                Caller caller = Caller.of(server)) {
            caller.send("go");
            while (inOrder < 200 && caller.receive().startsWith("number " + (100 + inOrder))) {
                inOrder++;
            }
        }
        return "waits=" + waits.get(10, TimeUnit.SECONDS) + " inOrder=" + inOrder + " sent=" + counts.sent + " dropped="
                + counts.dropped();
    }

    private String bounded() throws Exception {
        CompletableFuture<Integer> taken = new CompletableFuture<>();
        try (Server server = saying(peer -> {
                    int count = 0;
                    while (count < 10_000 && peer.send("x".repeat(1_000))) {
                        count++;
                    }
                    taken.complete(count);
                });
                Caller caller = Caller.of(server)) {
            caller.send("go");
            boolean full = waits.get(10, TimeUnit.SECONDS);
            int count = taken.get(10, TimeUnit.SECONDS);
            String dropped = counts.dropped().toString();
            long left = server.stop(Duration.ZERO).get(10, TimeUnit.SECONDS).droppedBytes();
            long failed = counts.dropped().get(DropReason.SEND_FAILED);
            return "waits=" + full + " megabytes=" + count / 1_000 + " dropped=" + dropped + " allCounted="
                    + (counts.sent.get() + failed == count) + " allReported="
                    + (counts.bytesSent.get() + left == 1_000L * count);
        }
    }

    @Override
    public Slot slot() {
        return Slot.ADMISSION;
    }

    @Override
    public PerLoop<Channel> open(Site site) {
        return loop -> (opened, line) -> channel = opened;
    }
}
