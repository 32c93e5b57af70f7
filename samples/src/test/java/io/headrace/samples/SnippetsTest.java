package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.DrainReport;
import io.headrace.Server;
import io.headrace.samples.OrderCodec.Receipt;
import io.headrace.samples.StatsdCodec.Sample;
import io.headrace.tcp.Tcp;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnippetsTest {

    @Test
    void theMemoryOfBuffersIsMeasuredOnceForTheProcess() {
        MeterRegistry memory = new SimpleMeterRegistry();
        Snippets.measureMemory(memory);
        ByteBuf used = PooledByteBufAllocator.DEFAULT.directBuffer(1_024);
        assertThat(memory.get("netty.allocator.memory.used")
                        .tag("memory.type", "direct")
                        .gauge()
                        .value())
                .isPositive();
        used.release();
    }

    @Test
    void anEndpointIsLookedAtBeforeItStarts() throws IOException {
        assertThat(Snippets.lookFirst(Tcp.listen(0).reply(bytes -> bytes)).good())
                .isTrue();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> Snippets.lookFirst(Tcp.listen(port).reply(bytes -> bytes)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("ERROR  address      127.0.0.1:" + port + " (expected: a free one, but ");
        }
    }

    @Test
    void greeting() throws IOException {
        try (Server server = Snippets.greeting(0)) {
            assertThat(TestClient.ask(server.port(), "")).isEqualTo("Thank you for connecting");
        }
    }

    @Test
    void echo() throws IOException {
        try (Server server = Snippets.echo(0)) {
            assertThat(TestClient.ask(server.port(), "hello")).isEqualTo("hello");
        }
    }

    @Test
    void lines() throws IOException {
        try (Server server = Snippets.lines(0)) {
            assertThat(TestClient.ask(server.port(), "Ada\nBob\n")).isEqualTo("Hello, Ada!\nHello, Bob!\n");
        }
    }

    @Test
    void linesAsync() throws IOException {
        CompletableFuture<String> ada = new CompletableFuture<>();
        CompletableFuture<String> bob = CompletableFuture.failedFuture(new IllegalStateException("no such name"));
        try (Server server = Snippets.linesAsync(0, name -> name.equals("Ada") ? ada : bob);
                TestClient client = new TestClient(server.port())) {
            client.say("Bob\nAda\nBob\n");
            assertThat(client.line()).isEqualTo("Sorry, failed");

            ada.completeAsync(() -> "Ada Lovelace");

            assertThat(client.line()).isEqualTo("Ada Lovelace");
            assertThat(client.line()).isEqualTo("Sorry, failed");
        }
    }

    @Test
    void sessions() throws IOException {
        try (Server server = Snippets.sessions(0, new ChatRoom());
                TestClient client = new TestClient(server.port())) {
            assertThat(client.line()).isEqualTo("Welcome! What is your name?");
        }
    }

    @Test
    void conversation() throws IOException {
        try (Server server = Snippets.conversation(0)) {
            assertThat(TestClient.ask(server.port(), "ada\n")).isEqualTo("ADA\n");
        }
    }

    @Test
    void blocking() throws IOException {
        try (Server server = Snippets.blocking(
                0, name -> name + " of " + Thread.currentThread().getName())) {
            assertThat(TestClient.ask(server.port(), "ada\n")).startsWith("ada of tcp-0-worker");
        }
    }

    @Test
    void production() throws IOException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (Server server = Snippets.production(0, registry, order -> new Receipt(order.quantity() * 2L));
                Socket socket = new Socket("127.0.0.1", server.port())) {
            byte[] item = "wheel".getBytes(UTF_8);
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            DataOutputStream order = new DataOutputStream(frame);
            order.writeInt(4 + item.length);
            order.writeInt(21);
            order.write(item);
            socket.getOutputStream().write(frame.toByteArray());

            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat(in.readInt()).isEqualTo(8);
            assertThat(in.readLong()).isEqualTo(42);
            assertThat(registry.get("headrace.connections.active")
                            .tag("endpoint", "orders")
                            .gauge()
                            .value())
                    .isEqualTo(1);
        }
    }

    @Test
    void drainOne() throws IOException {
        try (Server server = Tcp.listen(0).named("orders").reply(bytes -> bytes).start();
                TestClient client = new TestClient(server.port())) {
            client.say("open\n");
            assertThat(client.line()).isEqualTo("open");

            CompletableFuture<DrainReport> stopping = Snippets.drainOne(server);

            assertThat(client.line()).isNull();
            client.finish();
            assertThat(stopping.join().graceful()).isEqualTo(1);
            assertThat(server.stopped().join().forced()).isZero();
        }
    }

    @Test
    void closeTheSlowest() throws IOException {
        try (Server server = Tcp.listen(0).named("orders").reply(bytes -> bytes).start();
                TestClient client = new TestClient(server.port())) {
            client.say("open\n");
            assertThat(client.line()).isEqualTo("open");

            Snippets.closeTheSlowest(server);

            assertThat(client.line()).isNull();
        }
    }

    @Test
    void datagrams() throws IOException {
        Queue<Sample> samples = new ConcurrentLinkedQueue<>();
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (Server server = Snippets.datagrams(0, new SimpleMeterRegistry(), samples);
                DatagramSocket sender = new DatagramSocket(0, loopback)) {
            for (String text : new String[] {"requests:3|c", "nonsense", "load:99999999999999999999|g", "load:7|g\n"}) {
                byte[] bytes = text.getBytes(UTF_8);
                sender.send(new DatagramPacket(bytes, bytes.length, loopback, server.port()));
            }

            await().until(() -> samples.size() == 2);
            assertThat(samples).containsExactly(new Sample("requests", 3, "c"), new Sample("load", 7, "g"));
        }
    }

    @Test
    void netty() throws IOException {
        try (Server server = Snippets.netty(0)) {
            assertThat(TestClient.ask(server.port(), "hello\nyou\n")).isEqualTo("5 bytes\n3 bytes\n");
        }
    }

    @Test
    void unix(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("echo");
        try (Server server = Snippets.unix(path);
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            client.write(UTF_8.encode("hello"));
            client.shutdownOutput();

            ByteBuffer answer = ByteBuffer.allocate(16);
            while (client.read(answer) >= 0) {
                continue;
            }
            assertThat(UTF_8.decode(answer.flip()).toString()).isEqualTo("hello");
            assertThat(server.addresses()).hasSize(1);
        }
    }

    @Test
    void client() {
        try (Server server = Snippets.lines(0)) {
            assertThat(Snippets.client(server.port()).toCompletableFuture().join())
                    .isEqualTo("Hello, Ada!");
        }
    }
}
