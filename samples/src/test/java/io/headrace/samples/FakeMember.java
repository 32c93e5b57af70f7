package io.headrace.samples;

import io.headrace.Attribute;
import io.headrace.CloseReason;
import io.headrace.Connection;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Somebody in a chat room, without a socket. */
final class FakeMember implements Connection<String> {
    private final List<String> heard = new ArrayList<>();
    private final List<Runnable> whenWritable = new ArrayList<>();
    private final ChatSession session;
    private boolean reads = true;

    FakeMember(ChatRoom room) {
        session = new ChatSession(room, this);
        session.opened();
    }

    FakeMember says(String line) {
        session.received(line);
        return this;
    }

    ChatSession session() {
        return session;
    }

    List<String> heard() {
        return heard;
    }

    void stopsReading() {
        reads = false;
    }

    void readsAgain() {
        reads = true;
        whenWritable.forEach(Runnable::run);
        whenWritable.clear();
    }

    @Override
    public boolean send(String message) {
        return reads && heard.add(message);
    }

    @Override
    public boolean writable() {
        return reads;
    }

    @Override
    public void whenWritable(Runnable task) {
        if (reads) {
            task.run();
        } else {
            whenWritable.add(task);
        }
    }

    @Override
    public boolean sendAndClose(String message) {
        return send(message);
    }

    @Override
    public void close() {}

    @Override
    public void close(CloseReason reason) {}

    @Override
    public void fail(Throwable cause) {
        throw new AssertionError(cause);
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        return new CompletableFuture<>();
    }

    @Override
    public long id() {
        return 1;
    }

    @Override
    public <T> T get(Attribute<T> attribute) {
        return null;
    }

    @Override
    public <T> T set(Attribute<T> attribute, T value) {
        return null;
    }

    @Override
    public SocketAddress address() {
        return null;
    }

    @Override
    public SocketAddress localAddress() {
        return null;
    }
}
