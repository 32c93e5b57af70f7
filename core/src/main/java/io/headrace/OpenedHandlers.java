package io.headrace;

import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayList;
import java.util.List;

/**
 * Remembers the I/O handlers of a group of loops while it starts. Each has descriptors from the moment it is made, and its loop's end closes
 * them; a loop whose thread cannot be started has no end.
 */
final class OpenedHandlers implements IoHandlerFactory {
    private final IoHandlerFactory handlers;
    private final List<IoHandler> opened = new ArrayList<>();

    OpenedHandlers(IoHandlerFactory handlers) {
        this.handlers = handlers;
    }

    @Override
    public IoHandler newHandler(ThreadAwareExecutor executor) {
        IoHandler handler = handlers.newHandler(executor);
        opened.add(handler);
        return handler;
    }

    @Override
    public boolean isChangingThreadSupported() {
        return handlers.isChangingThreadSupported();
    }

    /** Closes those whose loops never ran: all but the first {@code started}. */
    void closeAllBut(int started) {
        for (IoHandler handler : opened.subList(started, opened.size())) {
            handler.initialize(); // Some can only end what has begun.
            handler.destroy();
        }
    }
}
