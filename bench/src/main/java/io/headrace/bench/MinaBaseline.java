package io.headrace.bench;

import io.headrace.Loops;
import io.headrace.bench.load.Scheme;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.mina.core.buffer.IoBuffer;
import org.apache.mina.core.service.IoAcceptor;
import org.apache.mina.core.service.IoHandler;
import org.apache.mina.core.service.IoHandlerAdapter;
import org.apache.mina.core.session.IoSession;
import org.apache.mina.transport.socket.nio.NioDatagramAcceptor;
import org.apache.mina.transport.socket.nio.NioSocketAcceptor;

/**
 * Apache MINA, as its user guide and its echo example have it: an acceptor with a handler, and no filters. It has NIO only, and one thread
 * more than loops: who accepts. A datagram acceptor has a thread of its own, too, and a session for each sender. A greeting is closed when it
 * is flushed: unread input turns that into a reset.
 */
final class MinaBaseline implements Baseline {
    private static final int BACKLOG = 4_096;

    private final int loops;
    private final List<IoAcceptor> acceptors = new ArrayList<>();

    MinaBaseline(Serving.Choices choices) {
        if (choices.backend() != null && choices.backend() != Loops.Backend.NIO) {
            throw new UnsupportedOperationException(version() + " has nio only, not " + choices.backend());
        }
        loops = choices.loops();
    }

    @Override
    public SocketAddress listen(Target.Service service, SocketAddress address, Scheme scheme) throws IOException {
        return switch (scheme) {
            case TCP -> listen(tcp(), streamHandler(service), address);
            case UDP ->
                listen(new NioDatagramAcceptor(), service == Target.Service.ECHO ? new Echo() : new Discard(), address);
            case TLS -> throw new UnsupportedOperationException(NO_TLS);
            case UNIX, UNIXGRAM -> throw new UnsupportedOperationException(version() + " has no Unix sockets");
        };
    }

    private NioSocketAcceptor tcp() {
        NioSocketAcceptor acceptor = new NioSocketAcceptor(loops);
        acceptor.setBacklog(BACKLOG);
        acceptor.setReuseAddress(true);
        acceptor.getSessionConfig().setTcpNoDelay(true);
        return acceptor;
    }

    private SocketAddress listen(IoAcceptor acceptor, IoHandler handler, SocketAddress address) throws IOException {
        acceptors.add(acceptor);
        acceptor.setHandler(handler);
        acceptor.bind(address);
        return acceptor.getLocalAddress();
    }

    private static IoHandler streamHandler(Target.Service service) {
        return switch (service) {
            case GREET -> new Greeting();
            case ECHO -> new Echo();
            case DISCARD -> new Discard();
        };
    }

    /** Takes what comes in. */
    private static class Discard extends IoHandlerAdapter {
        @Override
        public void exceptionCaught(IoSession session, Throwable cause) {
            session.closeNow();
        }
    }

    /** Sends back what comes in. */
    private static final class Echo extends Discard {
        @Override
        public void messageReceived(IoSession session, Object message) {
            session.write(((IoBuffer) message).duplicate());
        }
    }

    /** Greets and closes. */
    private static final class Greeting extends Discard {
        @Override
        public void sessionOpened(IoSession session) {
            session.write(IoBuffer.wrap(RawNetty.GREETING));
            session.closeOnFlush();
        }
    }

    @Override
    public String version() {
        return "Apache MINA " + Versions.of(IoAcceptor.class, "org.apache.mina/mina-core");
    }

    @Override
    public String transport() {
        return Loops.Backend.NIO.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        for (IoAcceptor acceptor : acceptors) {
            acceptor.dispose(true);
        }
    }
}
