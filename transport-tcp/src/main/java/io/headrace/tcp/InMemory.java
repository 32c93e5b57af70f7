package io.headrace.tcp;

import io.headrace.Codec;
import io.headrace.Plan;
import io.netty.buffer.ByteBuf;

/**
 * Stream servers and clients inside one JVM, without sockets: the whole line for tests of what stands on it.
 *
 * <p>What matters of TCP holds here too: bytes, not messages; a peer that does not read fills a bounded buffer and then holds the sender
 * up; either side may finish first; and a close with input unread resets the other side. Runs on any {@link io.headrace.Loops}.
 */
public final class InMemory {

    private InMemory() {}

    /** Listens under this name, which is of this JVM. */
    public static StreamSetup<InMemoryOptions, ByteBuf, Object> listen(String name) {
        InMemorySockets sockets = new InMemorySockets(name, InMemoryOptions.DEFAULTS);
        return new StreamSetup<>(Plan.of(new StreamTransport(sockets), "in-memory-" + name, Codec.raw()), sockets);
    }

    /** Connects to the server that listens under this name. */
    public static ClientSetup<InMemoryOptions, ByteBuf, Object> connect(String name) {
        InMemorySockets sockets = new InMemorySockets(name, InMemoryOptions.DEFAULTS);
        String client = "in-memory-client-" + name;
        return new ClientSetup<>(Plan.of(new StreamTransport(sockets, false), client, Codec.raw()), sockets);
    }
}
