package io.headrace;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * I/O handlers whose registrations stay: where no event is wanted any more, {@code quiet} is asked for instead.
 *
 * <p>Netty's epoll (4.2.18) takes a descriptor out of the poll when no event is wanted, still counts it as added, and so can never ask for
 * an event again: epoll_ctl says ENOENT, and the channel is closed. A connection comes to that when its peer has finished and its input is
 * read: an answer that does not fit the socket would be cut off, and a reset that follows would never be seen.
 *
 * @param none what a handle submits when it wants no event
 * @param quiet what is submitted in its place
 */
record StayingHandlers(IoHandlerFactory handlers, IoOps none, IoOps quiet) implements IoHandlerFactory {

    @Override
    public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new StayingHandler(handlers.newHandler(executor));
    }

    @Override
    public boolean isChangingThreadSupported() {
        return handlers.isChangingThreadSupported();
    }

    private final class StayingHandler implements IoHandler {
        private final IoHandler handler;

        StayingHandler(IoHandler handler) {
            this.handler = handler;
        }

        @Override
        public void initialize() {
            handler.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
            return handler.run(context);
        }

        @Override
        public void prepareToDestroy() {
            handler.prepareToDestroy();
        }

        @Override
        public void destroy() {
            handler.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return new StayingRegistration(handler.register(handle));
        }

        @Override
        public void wakeup() {
            handler.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return handler.isCompatible(handleType);
        }
    }

    private final class StayingRegistration implements IoRegistration {
        private final IoRegistration registration;
        private boolean added; // Event loop only.

        StayingRegistration(IoRegistration registration) {
            this.registration = registration;
        }

        @Override
        public long submit(IoOps ops) {
            boolean nothing = ops.equals(none);
            added |= !nothing;
            return registration.submit(nothing && added ? quiet : ops);
        }

        @Override
        public <T> T attachment() {
            return registration.attachment();
        }

        @Override
        public boolean isValid() {
            return registration.isValid();
        }

        @Override
        public boolean cancel() {
            return registration.cancel();
        }
    }
}
