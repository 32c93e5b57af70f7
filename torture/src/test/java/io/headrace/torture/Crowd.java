package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Thousands of connections on the thread of the test. Every wait ends after a minute. */
final class Crowd implements AutoCloseable {
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(1);

    private final Selector selector = Selector.open();
    private final List<Member> members = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(16_384);

    private Crowd() throws IOException {}

    private static final class Member {
        private final SocketChannel channel;
        private final StringBuilder heard = new StringBuilder();
        private long connectedNs;
        private long closedNs;
        private boolean connected;
        private boolean reset;

        Member(SocketChannel channel) {
            this.channel = channel;
        }
    }

    /** Connected, one after the other. */
    static Crowd of(int port, int count) throws IOException {
        Crowd crowd = new Crowd();
        for (int i = 0; i < count; i++) {
            crowd.add(port, true);
        }
        return crowd;
    }

    /** On the way: the other end may take its time. */
    static Crowd begin(int port, int count) throws IOException {
        Crowd crowd = new Crowd();
        for (int i = 0; i < count; i++) {
            crowd.add(port, false);
        }
        return crowd;
    }

    private void add(int port, boolean wait) throws IOException {
        SocketChannel channel = SocketChannel.open();
        Member member = new Member(channel);
        members.add(member);
        channel.configureBlocking(wait);
        member.connectedNs = System.nanoTime(); // The server's clock begins later than this one.
        member.connected = channel.connect(new InetSocketAddress("127.0.0.1", port));
        channel.configureBlocking(false);
        channel.register(selector, member.connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, member);
    }

    void awaitConnected() throws IOException {
        until(() -> members.stream().allMatch(member -> member.connected));
    }

    /** Everyone says it. */
    void say(String text) throws IOException {
        say(text.getBytes(UTF_8));
    }

    void say(byte[] bytes) throws IOException {
        for (Member member : members) {
            say(member, bytes);
        }
    }

    private static void say(Member member, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            member.channel.write(left);
        }
    }

    /** Everyone says it whose connection still takes it. */
    void trySay(String text) {
        for (Member member : members) {
            try {
                say(member, text.getBytes(UTF_8));
            } catch (IOException closed) {
                // It is told when it listens.
            }
        }
    }

    /** Everyone says so many bytes of it, as far as connections take them; in turns, ten seconds at most. */
    void tryFill(byte[] bytes, int count) throws IOException {
        int[] said = new int[members.size()];
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        boolean more = true;
        while (more && System.nanoTime() < deadlineNs) {
            more = false;
            for (int i = 0; i < said.length; i++) {
                try {
                    said[i] += members.get(i).channel.write(ByteBuffer.wrap(bytes, said[i], count - said[i]));
                    more |= said[i] < count;
                } catch (IOException closed) {
                    said[i] = count;
                }
            }
            listen(Duration.ofMillis(5));
        }
    }

    /** Hears what comes for so long. */
    void listen(Duration time) throws IOException {
        long endNs = System.nanoTime() + time.toNanos();
        for (long leftNs; (leftNs = endNs - System.nanoTime()) > 0; ) {
            selector.select(this::event, Math.max(1, leftNs / 1_000_000));
        }
    }

    /** Waits until everyone has heard so many characters; what each has heard. */
    List<String> heard(int characters) throws IOException {
        until(() -> members.stream().allMatch(member -> member.heard.length() >= characters));
        return members.stream().map(member -> member.heard.toString()).toList();
    }

    /** Waits until everyone has heard so many lines; all of them. */
    List<String> lines(int each) throws IOException {
        until(() -> members.stream()
                .allMatch(member -> member.heard.chars().filter(c -> c == '\n').count() >= each));
        return members.stream()
                .flatMap(member -> member.heard.toString().lines())
                .toList();
    }

    /** Waits until everyone has been closed; how long each was connected. */
    List<Double> agesMsWhenClosed() throws IOException {
        awaitClosed();
        return members.stream()
                .map(member -> (member.closedNs - member.connectedNs) / 1e6)
                .toList();
    }

    /** Waits until everyone has been closed. */
    void awaitClosed() throws IOException {
        until(() -> members.stream().allMatch(member -> member.closedNs != 0));
    }

    /** How long the one was connected that was closed first. */
    long youngestMsWhenClosed() {
        return members.stream()
                .filter(member -> member.closedNs != 0)
                .mapToLong(member -> (member.closedNs - member.connectedNs) / 1_000_000)
                .min()
                .orElse(0);
    }

    /** How many were cut off by a reset. */
    long resets() {
        return members.stream().filter(member -> member.reset).count();
    }

    /** How many have been closed by the server so far. */
    long closed() throws IOException {
        selector.selectNow(this::event);
        return members.stream().filter(member -> member.closedNs != 0).count();
    }

    int size() {
        return members.size();
    }

    private void until(BooleanSupplier done) throws IOException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("a crowd of " + members.size() + " waits for a minute");
            }
            selector.select(this::event, 100);
        }
    }

    private void event(SelectionKey key) {
        Member member = (Member) key.attachment();
        try {
            if (key.isConnectable()) {
                member.channel.finishConnect();
                member.connected = true;
                member.connectedNs = System.nanoTime();
                key.interestOps(SelectionKey.OP_READ);
            } else {
                read(key, member);
            }
        } catch (IOException reset) {
            member.reset = true;
            gone(key, member);
        }
    }

    private void read(SelectionKey key, Member member) throws IOException {
        buffer.clear();
        int count = member.channel.read(buffer);
        if (count < 0) {
            gone(key, member);
        } else {
            member.heard.append(UTF_8.decode(buffer.flip()));
        }
    }

    private static void gone(SelectionKey key, Member member) {
        member.closedNs = System.nanoTime();
        key.cancel();
        try {
            member.channel.close();
        } catch (IOException cannotClose) {
            throw new UncheckedIOException(cannotClose);
        }
    }

    /** Everyone closes. */
    void leave() throws IOException {
        for (Member member : members) {
            member.channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        leave();
        selector.close();
    }
}
