package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.contract.ContractTest;
import io.headrace.stage.Metrics;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What tests of streams stand on: every medium in turn, and each connection's life looked after. */
@ParameterizedClass
@MethodSource("io.headrace.tcp.Medium#all")
abstract class StreamTest extends ContractTest {
    @Parameter
    Medium medium;

    /** The connections of what {@link #listen} has described. */
    final Lives lives = lives();

    Lives lives() {
        return Lives.ofEach();
    }

    @Override
    protected Backend backend() {
        return medium.backend();
    }

    StreamSetup<?, ByteBuf, Object> listen() {
        return Medium.setup(medium.listening())
                .named("contract")
                .loops(loops)
                .with(Metrics.to(registry))
                .with(lives);
    }

    /** Lines of text. */
    StreamSetup<?, String, String> lines() {
        return listen().with(Framing.lines(1_024)).codec(Codec.utf8());
    }

    /** The same on one event loop: who was answered there knows that everything before has been seen. */
    StreamSetup<?, String, String> linesOnOneLoop() {
        return lines().loops(loops.threads(1));
    }

    StreamPeer dial(Server server) throws IOException {
        return closing(medium.dial(server.address()));
    }

    StreamPeer dialSmall(Server server) throws IOException {
        return closing(medium.dialSmall(server.address()));
    }

    ClientSetup<?, ByteBuf, Object> connect(Server server) {
        Sockets<?> sockets = medium.connectingTo(server.address());
        return Medium.client(sockets).loops(loops);
    }

    void awaitReasons(CloseReason... expected) {
        await().untilAsserted(() -> assertThat(lives.reasons()).containsExactly(expected));
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    static List<String> hear(StreamPeer peer, int messages) throws IOException {
        List<String> heard = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            heard.add(peer.hear());
        }
        return heard;
    }

    @Override
    protected void afterStop() {
        lives.requireWhole();
    }
}
