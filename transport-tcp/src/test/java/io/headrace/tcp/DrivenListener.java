package io.headrace.tcp;

import io.headrace.Application;
import io.headrace.OpenEndpoint;
import io.headrace.Plan;
import io.headrace.Transport;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;

/** A listener without a server: the test takes the steps of a stop itself, in any order. */
final class DrivenListener implements AutoCloseable {
    private final OpenEndpoint endpoint;
    private final Transport.Listener listener;

    private DrivenListener(OpenEndpoint endpoint, Transport.Listener listener) {
        this.endpoint = endpoint;
        this.listener = listener;
    }

    /** It lets peers in. */
    static <I, O> DrivenListener listen(Plan<DuplexChannel, I, O> plan, Application<I, O> application)
            throws Exception {
        DrivenListener driven = bind(plan, application);
        driven.listener.accept();
        return driven;
    }

    /** Peers wait in the system's queue. */
    static <I, O> DrivenListener bind(Plan<DuplexChannel, I, O> plan, Application<I, O> application) throws Exception {
        OpenEndpoint endpoint = plan.open(application);
        return new DrivenListener(endpoint, plan.transport().listen(endpoint));
    }

    Transport.Listener steps() {
        return listener;
    }

    SocketAddress address() {
        return listener.addresses().get(0);
    }

    @Override
    public void close() {
        listener.stopAccepting(0);
        listener.force();
        endpoint.close();
    }
}
