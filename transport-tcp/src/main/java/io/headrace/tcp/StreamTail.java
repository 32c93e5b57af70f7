package io.headrace.tcp;

import io.headrace.CloseReason;
import io.headrace.ExchangeOwner;
import io.headrace.MalformedMessageException;
import io.headrace.OrderedExchanges;
import io.headrace.Outcome;
import io.headrace.Peer;
import io.headrace.Text;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;

/** The last handler on one connection's line: turns what the line delivers into exchanges, and their ends into writes. Event loop only. */
final class StreamTail<I, O> extends ChannelInboundHandlerAdapter implements ExchangeOwner<O> {
    /** Open exchanges per connection; then reading stops until half of them have ended. */
    private static final int MAX_OPEN_EXCHANGES = 128;

    /** Messages of one connection in a row; then the loop turns to its other connections, however many more wait. */
    static final int MAX_TURN_MESSAGES = 256;

    private final StreamConnection<I, O> connection;
    private final StreamLoop<I, O> loop;
    private final Channel channel;
    private final OrderedExchanges<O> exchanges;
    private boolean inBatch;

    StreamTail(StreamConnection<I, O> connection, Channel channel, StreamLoop<I, O> loop) {
        this.connection = connection;
        this.channel = channel;
        this.loop = loop;
        this.exchanges = new OrderedExchanges<>(loop.open(), connection, this);
    }

    // ---- from the line

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        connection.active();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object delivered) {
        inBatch = inBatch || connection.inflow().reading(); // A handler may also deliver from a task of its own.
        if (!connection.open() || !loop.application().listens()) {
            ReferenceCountUtil.release(delivered);
            return;
        }
        I message;
        try {
            message = loop.codec().receive(delivered);
        } catch (MalformedMessageException malformed) {
            connection.violated(CloseReason.MESSAGE_MALFORMED, Text.escaped(String.valueOf(malformed.getMessage())));
            return;
        } catch (Throwable failure) {
            faulty(failure);
            connection.close(Faults.noDirectMemory(failure) ? CloseReason.OOM_DIRECT : CloseReason.MESSAGE_MALFORMED);
            return;
        }
        exchanges.received(message);
        if (exchanges.open() >= MAX_OPEN_EXCHANGES) {
            connection.inflow().hold(Inflow.IN_FLIGHT);
        }
        if (inBatch && loop.turn() == MAX_TURN_MESSAGES) {
            connection.inflow().endTurn();
        }
        if (!inBatch) {
            loop.open().batchEnded();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        batchEnded();
    }

    /** Runs a source of messages as one batch: what it makes us answer leaves together. */
    void batch(Runnable source) {
        inBatch = true;
        source.run();
        batchEnded();
    }

    private void batchEnded() {
        inBatch = false;
        loop.turnEnded();
        loop.open().batchEnded();
        connection.outflow().batchEnded();
        connection.batchEnded();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            connection.peerFinished();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        connection.writability(channel.isWritable());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Faults.Verdict verdict = Faults.judge(cause);
        if (verdict.connectionBroken()) {
            connection.cut(verdict.reason());
        } else if (verdict.peersFault()) {
            connection.violated(verdict.reason(), Text.escaped(String.valueOf(cause.getMessage())));
        } else {
            connection.fail(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        connection.ended();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        connection.ended(); // A channel that could not be registered or connected was never active.
    }

    // ---- from the exchanges

    @Override
    public Object encode(O answer) throws Exception {
        return loop.encode(answer);
    }

    @Override
    public void answer(Peer<O> peer, Object encoded) {
        if (connection.writes()) {
            connection.outflow().write(encoded);
        } else {
            ReferenceCountUtil.release(encoded);
        }
    }

    @Override
    public void unanswered(Peer<O> peer, Outcome outcome, Throwable cause) {
        connection.close(
                switch (outcome) {
                    case REFUSED -> CloseReason.EXCHANGE_REFUSED;
                    case EXPIRED -> CloseReason.EXCHANGE_EXPIRED;
                    default -> Faults.noDirectMemory(cause) ? CloseReason.OOM_DIRECT : CloseReason.HANDLER_FAILED;
                });
    }

    @Override
    public void faulty(Throwable cause) {
        if (Faults.noDirectMemory(cause)) { // Nobody's fault in particular: its close is told.
            return;
        }
        loop.reports().warn("fault", "while serving " + connection.label(), cause);
    }

    @Override
    public void settled() {
        if (connection.inflow().held(Inflow.IN_FLIGHT) && exchanges.open() <= MAX_OPEN_EXCHANGES / 2) {
            connection.inflow().letGo(Inflow.IN_FLIGHT);
        }
        if (!inBatch) {
            connection.batchEnded();
        }
    }

    // ---- for the connection

    int openExchanges() {
        return exchanges.open();
    }

    void handOver(Object message) {
        exchanges.handOver(message);
    }

    void abandon() {
        exchanges.abandon();
    }

    boolean inBatch() {
        return inBatch;
    }
}
