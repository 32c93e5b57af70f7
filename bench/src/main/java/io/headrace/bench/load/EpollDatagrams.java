package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.channels.NotYetConnectedException;

/**
 * A datagram socket on an epoll loop without a channel: a system call for each datagram, from one piece of memory and into one, and no
 * object. Netty's channel costs a third more than the C client, most of it for the addresses of senders that are known.
 */
final class EpollDatagrams implements Datagrams, EpollIoHandle {
    /** After so many the loop looks at its other sockets. */
    private static final int AT_ONCE = 64;

    private static final EpollIoOps READ = EpollIoOps.EPOLLIN;
    private static final EpollIoOps READ_AND_WRITE = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT);

    private final IoEventLoop loop;
    private final SocketAddress remote;
    private final SocketAddress local;
    private final ByteBuf inbox;
    private final Listener listener;

    private LinuxSocket socket;
    private IoRegistration registration;
    private boolean full;
    private boolean closed;

    /**
     * @param remote resolved, or a path
     * @param local where to send from, or null where the system chooses
     * @param inbox where a datagram is read into; the caller's, and may serve all sockets of a loop
     */
    EpollDatagrams(IoEventLoop loop, SocketAddress remote, SocketAddress local, ByteBuf inbox, Listener listener) {
        this.loop = loop;
        this.remote = remote;
        this.local = local;
        this.inbox = inbox;
        this.listener = listener;
    }

    @Override
    public void open() {
        try {
            socket = newSocket();
            if (local != null) {
                socket.bind(local);
            }
            socket.connect(remote);
        } catch (IOException | RuntimeException cannot) {
            breakDown(cannot);
            return;
        }
        loop.register(this).addListener(done -> {
            if (!done.isSuccess()) {
                breakDown(done.cause());
            } else if (!closed) {
                registration = (IoRegistration) done.getNow();
                registration.submit(READ);
                listener.opened();
            }
        });
    }

    private LinuxSocket newSocket() {
        if (!(remote instanceof InetSocketAddress internet)) {
            return LinuxSocket.newSocketDomainDgram();
        }
        boolean ipv4 = internet.getAddress() instanceof Inet4Address;
        return LinuxSocket.newSocketDgram(ipv4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6);
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    // ---- Sending
    // -----------------------------------------------------------------------------------------------------

    @Override
    public boolean canTake() {
        return !full;
    }

    @Override
    public boolean send(ByteBuf datagram) {
        try {
            if (socket.sendAddress(datagram.memoryAddress(), datagram.readerIndex(), datagram.writerIndex()) > 0) {
                return true;
            }
            full = true;
            registration.submit(READ_AND_WRITE);
            return false;
        } catch (IOException undelivered) {
            tell(undelivered);
            return true;
        } catch (NotYetConnectedException gone) {
            breakDown(over(gone));
            return false;
        }
    }

    @Override
    public boolean hasUnflushed() {
        return false;
    }

    @Override
    public void flush() {
        // Nothing waits.
    }

    // ---- Receiving
    // ---------------------------------------------------------------------------------------------------

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        if (full && ((EpollIoEvent) event).ops().contains(EpollIoOps.EPOLLOUT)) {
            full = false;
            registration.submit(READ);
            listener.writable();
        }
        // What the kernel tells of datagrams that did not arrive (ICMP) comes as the result of reading, too.
        receive();
    }

    private void receive() {
        try {
            for (int i = 0; i < AT_ONCE && !closed; i++) {
                int bytes = socket.recvAddress(inbox.memoryAddress(), 0, inbox.capacity());
                if (bytes == 0) {
                    break;
                }
                // Netty says -1 for a datagram without a byte: it means connections.
                listener.received(inbox.setIndex(0, Math.max(0, bytes)), System.nanoTime());
            }
        } catch (IOException undelivered) {
            tell(undelivered);
        } catch (NotYetConnectedException gone) {
            breakDown(over(gone));
        }
        if (!closed) {
            listener.receivedAll();
        }
    }

    private void tell(IOException cause) {
        boolean refused = cause instanceof Errors.NativeIoException known
                && known.expectedErr() == Errors.ERROR_ECONNREFUSED_NEGATIVE;
        listener.undelivered(refused ? new PortUnreachableException(cause.getMessage()) : cause);
    }

    /** A Unix socket whose other side has closed hears of that once, and is connected to nobody from then on. */
    private static IOException over(NotYetConnectedException gone) {
        IOException over = new PortUnreachableException("the other side has closed its socket");
        over.initCause(gone);
        return over;
    }

    // ---- The end
    // -----------------------------------------------------------------------------------------------------

    private void breakDown(Throwable cause) {
        close();
        listener.broken(cause);
    }

    /** Also when its loop ends. */
    @Override
    public void close() {
        closed = true;
        if (registration != null) {
            registration.cancel();
        }
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException gone) {
            // It is closed all the same.
        }
    }
}
