package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.Clock;
import io.headrace.CloseReason;
import io.headrace.Gate;
import io.headrace.LoopHealth;
import io.headrace.ManualClock;
import io.headrace.Meter;
import io.headrace.Newcomer;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Reports;
import io.headrace.Site;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** The gate of one stage, asked without any socket. */
final class OpenedGate implements Site {
    final ManualClock clock = Clock.manual();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final Map<Meter, DoubleSupplier> readings = new EnumMap<>(Meter.class);
    private Gate gate;

    static OpenedGate of(ChannelStage<DuplexChannel> stage) {
        OpenedGate opened = new OpenedGate();
        stage.open(opened);
        return opened;
    }

    static Newcomer from(String address) {
        try {
            SocketAddress socket = new InetSocketAddress(InetAddress.getByName(address), 4_711);
            return () -> socket;
        } catch (UnknownHostException notAnAddress) {
            throw new IllegalArgumentException(notAnAddress);
        }
    }

    /** Null where it may come in. */
    RejectReason ask(String address) {
        return gate.refuses(from(address));
    }

    RejectReason ask(Newcomer newcomer) {
        return gate.refuses(newcomer);
    }

    void left(String address, CloseReason reason) {
        gate.left(from(address), reason);
    }

    void left(Newcomer newcomer, CloseReason reason) {
        gate.left(newcomer, reason);
    }

    Refusal refusal() {
        return gate.refusal();
    }

    @Override
    public void admit(Gate gate) {
        this.gate = gate;
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public String endpoint() {
        return "gate";
    }

    @Override
    public String transport() {
        return "tcp";
    }

    @Override
    public Set<Meter> meters() {
        return Meter.OF_STREAMS;
    }

    @Override
    public List<LoopHealth> loops() {
        return List.of();
    }

    @Override
    public void reading(Meter meter, DoubleSupplier value) {
        readings.put(meter, value);
    }

    @Override
    public double reading(Meter meter) {
        return readings.get(meter).getAsDouble();
    }

    @Override
    public Reports reports() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void onStop(AutoCloseable part) {
        parts.add(part);
    }

    /** As an endpoint that stops. */
    void stop() throws Exception {
        for (AutoCloseable part : parts) {
            part.close();
        }
    }
}
