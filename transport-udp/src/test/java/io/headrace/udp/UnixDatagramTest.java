package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.Client;
import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.DropReason;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.ChannelDuplexHandler;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Datagrams between processes of one machine. Netty has them on epoll, of the backends that this project can test. */
class UnixDatagramTest {
    private final Counts counts = new Counts();

    @TempDir
    private Path folder;

    private Path path;
    private Path own;

    @BeforeEach
    void place() {
        path = folder.resolve("s");
        own = folder.resolve("c");
    }

    private UnixDatagramSetup<String, String> texts() {
        return UnixDatagram.listen(path)
                .loops(On.loops(Backend.EPOLL))
                .with(counts)
                .codec(Codec.utf8());
    }

    private Client<String, String> client() {
        return UnixDatagram.connect(path, own)
                .loops(On.loops(Backend.EPOLL))
                .codec(Codec.utf8())
                .start();
    }

    private static String result(CompletionStage<String> answer) throws Exception {
        return answer.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void answersWhoHasAPath() throws Exception {
        try (Server server = texts().reply(text -> text + "!").start();
                Client<String, String> client = client()) {
            assertThat(result(client.ask("Ada"))).isEqualTo("Ada!");
            assertThat(result(client.ask(""))).isEqualTo("!");
            assertThat(server.address().toString()).isEqualTo(path.toString());
        }
    }

    @Test
    void hearsWhoHasNoneAndCountsTheAnswerAsNotSent() throws Exception {
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        try (Server server = texts().reply(text -> {
                            heard.add(text);
                            return text;
                        })
                        .start();
                Client<String, String> client = UnixDatagram.connect(path)
                        .loops(On.loops(Backend.EPOLL))
                        .codec(Codec.utf8())
                        .start()) {
            client.send("Ada");
            client.send("Bob");
            await().until(() -> counts.dropped().equals(Map.of(DropReason.SEND_FAILED, 2L)));
            assertThat(List.copyOf(heard)).containsExactly("Ada", "Bob");
            assertThat(server.addresses()).hasSize(1);
        }
    }

    @Test
    void oversizeIsDroppedAndTheNextOneServed() throws Exception {
        try (Server server = texts().options(o -> o.maxDatagramBytes(4))
                        .reply(text -> text)
                        .start();
                Client<String, String> client = client()) {
            client.send("12345");
            assertThat(result(client.ask("1234"))).isEqualTo("1234");
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.OVERSIZE, 1L));
            assertThat(server.addresses()).hasSize(1);
        }
    }

    @Test
    void peersMayHaveSessions() throws Exception {
        try (Server server = texts().sessions(Counting::new).start();
                Client<String, String> client = client()) {
            assertThat(result(client.ask("a"))).isEqualTo("a1");
            assertThat(result(client.ask("b"))).isEqualTo("b2");
            assertThat(server.addresses()).hasSize(1);
        }
    }

    private static final class Counting implements Session<String> {
        private final Connection<String> me;
        private int heard;

        Counting(Connection<String> me) {
            this.me = me;
        }

        @Override
        public void received(String text) {
            me.send(text + ++heard);
        }

        @Override
        public void closed(CloseReason reason) {}
    }

    @Test
    void thePathIsItsOwnersOnlyAndGoneAtTheEnd() throws Exception {
        try (Server server = texts().reply(text -> text).start()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
            assertThat(server.addresses()).hasSize(1);
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aPathThatIsTakenIsLeftAlone() throws Exception {
        try (Server server = texts().reply(text -> text).start();
                Client<String, String> client = client()) {
            assertThatThrownBy(() -> texts().named("second").reply(text -> text).start())
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageContaining("Address already in use");
            assertThat(result(client.ask("Ada"))).isEqualTo("Ada");
            assertThat(server.addresses()).hasSize(1);
        }
    }

    @Test
    void whoMaySendIsSaid() throws Exception {
        try (Server server = texts().mode("rw-rw----").reply(text -> text).start()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-rw----");
            assertThat(server.addresses()).hasSize(1);
        }
        assertThatThrownBy(() -> texts().mode("0660").reply(text -> text).start())
                .hasMessageContaining("mode: 0660 (expected: as rw------- or rw-rw----)");
    }

    @Test
    void aSocketThatAKilledProcessLeftIsReplaced() throws Exception {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(path))
                .close();
        try (Server server = texts().reply(text -> text).start();
                Client<String, String> client = client()) {
            assertThat(result(client.ask("Ada"))).isEqualTo("Ada");
            assertThat(server.addresses()).hasSize(1);
        }
        await().untilAsserted(() -> assertThat(folder).isEmptyDirectory());
    }

    @Test
    void whatIsNoSocketIsLeftAlone() throws Exception {
        Files.writeString(path, "precious");
        assertThatThrownBy(() -> texts().reply(text -> text).start())
                .isInstanceOf(CannotStartException.class)
                .hasMessageEndingWith(": Address already in use: not by a socket, so it is left alone");
        assertThat(path).hasContent("precious");
    }

    @Test
    void aServerThatStopsLeavesTheNewerOnesPath() throws Exception {
        Server first = texts().reply(text -> "first").start();
        Files.delete(path);
        try (Server second = texts().reply(text -> "second").start();
                Client<String, String> client = client()) {
            first.close();
            assertThat(path).exists();
            assertThat(result(client.ask("Ada"))).isEqualTo("second");
            assertThat(second.addresses()).hasSize(1);
        }
    }

    private static final String ASK_AND_NEVER_READ = """
            import socket, sys
            path, own = sys.argv[1:]
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(own)
            for i in range(600):
                s.sendto(b'q', path)
            print('asked', flush=True)
            sys.stdin.readline()
            """;

    /** Netty's queue would wait for room at that peer, and all others behind it. */
    @Test
    void aPeerThatDoesNotReadCostsNobodyElse() throws Exception {
        everybodyElseIsAnswered(texts());
    }

    @Test
    void norDoesItBehindAHandlerOnTheLine() throws Exception {
        everybodyElseIsAnswered(texts().with(Stage.netty(Slot.WIRE, "nothing-special", ChannelDuplexHandler::new)));
    }

    private void everybodyElseIsAnswered(UnixDatagramSetup<String, String> texts) throws Exception {
        // Room for all that one peer's queue takes, which is 512 datagrams where systemd has set it.
        try (Server server = texts.options(o -> o.sendBufferBytes(400_000))
                        .reply(text -> text)
                        .start();
                Client<String, String> client = client();
                Script peer = Script.python(ASK_AND_NEVER_READ, path, folder.resolve("silent"))) {
            assertThat(peer.says()).isEqualTo("asked");
            await().until(() -> counts.received.get() == 600);
            assertThat(result(client.ask("Ada"))).isEqualTo("Ada");
            long full = counts.dropped().get(DropReason.SEND_QUEUE_FULL);
            await().until(() -> counts.sent.get() + full == 601);
            assertThat(counts.dropped()).containsOnlyKeys(DropReason.SEND_QUEUE_FULL);
            assertThat(server.addresses()).hasSize(1);
        }
    }

    @Test
    void aClientWaitsForRoom() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        try (Server server = UnixDatagram.listen(path)
                        .loops(On.loops(Backend.EPOLL))
                        .codec(Codec.utf8())
                        .<String>handle((text, exchange) -> {
                            reads.await();
                            heard.add(text);
                            exchange.consume();
                        })
                        .start();
                Client<String, String> client = client()) {
            for (int i = 0; i < 600; i++) {
                assertThat(client.send("number " + i)).isTrue();
            }
            reads.countDown();
            await().until(() -> heard.size() == 600);
            assertThat(heard).last().isEqualTo("number 599");
            assertThat(server.addresses()).hasSize(1);
        }
    }

    /** Sends datagrams that carry so many descriptors of a file, and waits for each answer. */
    private static final String HAND_DESCRIPTORS_OVER = """
            import os, socket, sys
            path, own, file = sys.argv[1:]
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.settimeout(20)
            s.bind(own)
            s.connect(path)
            fds = [os.open(file, os.O_RDONLY) for i in range(250)]
            for count in (1, 2, 250):
                for i in range(1000):
                    socket.send_fds(s, [b'x'], fds[:count])
                    assert s.recv(2) == b'x'
            print('handed over', flush=True)
            sys.stdin.readline()
            """;

    @Test
    void descriptorsThatAPeerHandsOverAreNotKept() throws Exception {
        Path handed = Files.createFile(folder.resolve("handed"));
        try (Server server = texts().reply(text -> text).start()) {
            try (Script peer = Script.python(HAND_DESCRIPTORS_OVER, path, own, handed)) {
                assertThat(peer.says()).isEqualTo("handed over");
                assertThat(openDescriptorsOf(handed)).isZero();
            }
            assertThat(server.addresses()).hasSize(1);
        }
    }

    @Test
    void onIoUringLoopsTheyRunBesideThem() throws Exception {
        try (Server server = UnixDatagram.listen(path)
                        .loops(On.loops(Backend.IO_URING))
                        .codec(Codec.utf8())
                        .reply(text -> text + "!")
                        .start();
                Client<String, String> client = client()) {
            assertThat(result(client.ask("Ada"))).isEqualTo("Ada!");
            assertThat(server.addresses()).hasSize(1);
        }
    }

    private static long openDescriptorsOf(Path file) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).equals(file);
                        } catch (IOException closedMeanwhile) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void nioHasNone() {
        assertThatThrownBy(() -> UnixDatagram.listen(path)
                        .loops(On.loops(Backend.NIO))
                        .reply(bytes -> bytes)
                        .start())
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("Unix datagrams: nio (expected: loops on epoll or kqueue)");
        assertThat(path).doesNotExist();
    }

    @Test
    void aLongPathIsSaid() {
        assertThatThrownBy(() -> UnixDatagram.listen(Path.of("/tmp/" + "x".repeat(103)))
                        .reply(bytes -> bytes)
                        .start())
                .hasMessageContaining("(108 bytes) (expected: 1 to 107 bytes)");
    }
}
