package io.headrace.tcp;

import io.headrace.Codec;
import io.headrace.Plan;
import io.headrace.UnixPath;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;

/** Unix-domain stream servers and clients: the same as TCP, on one machine, under a path. */
public final class Unix {

    private Unix() {}

    /**
     * Listens on this path: for its owner only, unless {@link UnixOptions#mode} says otherwise. A socket that a killed server left there is
     * replaced, anything else is left alone, and starting fails. The path is removed when the server stops, unless it is somebody else's
     * by then.
     */
    public static StreamSetup<UnixOptions, ByteBuf, Object> listen(Path path) {
        UnixSockets sockets = new UnixSockets(path, UnixOptions.DEFAULTS);
        String name = "unix-" + UnixPath.of(path).fileName();
        return new StreamSetup<>(Plan.of(new StreamTransport(sockets), name, Codec.raw()), sockets);
    }

    /** Connects to the server that listens on this path. */
    public static ClientSetup<UnixOptions, ByteBuf, Object> connect(Path path) {
        UnixSockets sockets = new UnixSockets(path, UnixOptions.DEFAULTS);
        String name = "unix-client-" + UnixPath.of(path).fileName();
        return new ClientSetup<>(Plan.of(new StreamTransport(sockets, false), name, Codec.raw()), sockets);
    }
}
