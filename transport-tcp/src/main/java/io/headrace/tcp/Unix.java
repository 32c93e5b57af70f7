package io.headrace.tcp;

import io.headrace.Codec;
import io.headrace.Plan;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;

/** Unix-domain stream servers and clients: the same as TCP, on one machine, under a path. */
public final class Unix {

    private Unix() {}

    /** Listens on this path, which must not exist yet; it is removed when the server stops. */
    public static StreamSetup<UnixOptions, ByteBuf, Object> listen(Path path) {
        UnixSockets sockets = new UnixSockets(path, UnixOptions.DEFAULTS);
        String name = "unix-" + path.getFileName();
        return new StreamSetup<>(Plan.of(new StreamTransport(sockets), name, Codec.raw()), sockets);
    }

    /** Connects to the server that listens on this path. */
    public static ClientSetup<UnixOptions, ByteBuf, Object> connect(Path path) {
        UnixSockets sockets = new UnixSockets(path, UnixOptions.DEFAULTS);
        String name = "unix-client-" + path.getFileName();
        return new ClientSetup<>(Plan.of(new StreamTransport(sockets, false), name, Codec.raw()), sockets);
    }
}
