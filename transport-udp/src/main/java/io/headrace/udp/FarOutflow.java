package io.headrace.udp;

import io.headrace.DropReason;
import io.headrace.Reports;
import io.headrace.Text;
import io.headrace.Watch;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;

/** Everything that leaves a lane whose socket is on another event loop: a batch at a time. The lane's event loop only. */
final class FarOutflow implements Exit {
    private final EventLoop here;
    private final Watch watch;
    private final Reports reports;
    private final Hop hop;
    private final Runnable flush = this::flush;
    private boolean flushScheduled;

    /** @param there what the socket's own loop sends by */
    FarOutflow(EventLoop here, Channel channel, Outflow there, Watch watch, Reports reports) {
        this.here = here;
        this.watch = watch;
        this.reports = reports;
        this.hop = new Hop(channel.eventLoop(), new Hop.Arrival() {
            @Override
            public void arrived(Object encoded, SocketAddress recipient, long unused) {
                if (channel.isOpen()) {
                    there.send(recipient, encoded);
                } else {
                    ReferenceCountUtil.release(encoded);
                }
            }

            @Override
            public void faulty(Throwable fault) {
                there.faulty(fault);
            }

            @Override
            public void batchEnded() {} // The socket flushes once for all that this turn of its loop sends.
        });
    }

    @Override
    public DropReason send(SocketAddress recipient, Object encoded) {
        if (hop.full()) {
            watch.datagramDropped(DropReason.SEND_QUEUE_FULL);
            reports.warn(
                    "datagram to a peer dropped", () -> "the socket's loop is behind; to " + Text.of(recipient), null);
            ReferenceCountUtil.release(encoded);
            return DropReason.SEND_QUEUE_FULL;
        }
        hop.put(encoded, recipient, 0);
        if (!flushScheduled) {
            flushScheduled = true;
            here.execute(flush); // Whatever else this turn of the loop sends goes along.
        }
        return null;
    }

    @Override
    public void batchEnded() {
        hop.go();
    }

    @Override
    public void flush() {
        flushScheduled = false;
        hop.go();
    }
}
