package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Server;
import io.headrace.bench.netty.RawBackend;
import io.headrace.udp.Udp;
import io.headrace.udp.UnixDatagram;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each answer is exactly one of in time, reordered, late, duplicate and corrupt; what has none is lost. */
class DatagramsTest {
    private static final int LATE_MS = 900;

    static List<RawBackend> backends() {
        return ModesTest.backends().toList();
    }

    @TempDir
    Path folder;

    @Test
    void unixDatagramsAreAskedAndAnswered() throws IOException {
        assumeTrue(RawBackend.EPOLL.obstacle() == null, "no epoll here");
        Path path = folder.resolve("echo");
        Set<Path> before = ownFolders();
        try (Server server = UnixDatagram.listen(path).reply(bytes -> bytes).start()) {
            Report report = Loading.report("udp -c 3 -w 4 -d 300ms --timeout 10s", "unixgram:" + path);

            assertThat(server.ready()).isTrue();
            Slice total = report.total();
            assertThat(report.about().get("targets")).isEqualTo(List.of("unixgram:" + path));
            assertThat(total.count(Count.ANSWERED)).isPositive();
            assertThat(total.count(Count.IN_TIME)).isEqualTo(total.count(Count.ANSWERED));
            assertThat(total.count(Count.SENT))
                    .isEqualTo(total.count(Count.ANSWERED) + total.count(Count.FAILED) + total.count(Count.UNFINISHED));
            assertThat(total.allErrors()).isZero();
        }
        assertThat(ownFolders()).as("folders of our own sockets").isEqualTo(before);
    }

    @Test
    void unixDatagramsGoOnWhenTheirServerComesBack() throws Exception {
        assumeTrue(RawBackend.EPOLL.obstacle() == null, "no epoll here");
        Path path = folder.resolve("echo");
        Plan plan = Plans.rate(DatagramFlow::new, "200", "-c 2 -d 10m --warmup 0s --timeout 2s", "unixgram:" + path);
        Run run = new Run(plan, interval -> {});
        AtomicLong before = new AtomicLong();
        AtomicLong after = new AtomicLong();
        CompletableFuture<Report> report;
        try (Server server = counting(path, before)) {
            assertThat(server.ready()).isTrue();
            report = CompletableFuture.supplyAsync(run::go);
            await().until(() -> before.get() > 10);
        }
        // Sends fail meanwhile: the first says so, the second that there is no connection any more.
        await().until(() -> Files.notExists(path));
        try (Server server = counting(path, after)) {
            assertThat(server.ready()).isTrue();
            await().until(() -> after.get() > 10);
        }
        run.interrupt();

        Slice total = report.get(10, TimeUnit.SECONDS).total();
        assertThat(total.count(Count.ANSWERED)).isGreaterThan(20);
        assertThat(total.errors()).containsKey(ErrorKind.REFUSED).doesNotContainKey(ErrorKind.OTHER);
    }

    private static Server counting(Path path, AtomicLong count) {
        return UnixDatagram.listen(path)
                .reply(bytes -> {
                    count.incrementAndGet();
                    return bytes;
                })
                .start();
    }

    private static Set<Path> ownFolders() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(each -> each.getFileName().toString().startsWith("headrace-load-"))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void unixDatagramsAreForEpoll() {
        assertThat(Loading.of("udp --transport nio", "unixgram:/no/where").err())
                .contains("--transport: nio (expected: epoll, for unixgram:/PATH)");
        assertThat(Loading.of("echo", "unixgram:/no/where").err())
                .contains("mode udp is for udp://HOST:PORT and unixgram:/PATH");
    }

    /** Echo that loses requests 3 and 4, doubles 5 and 6, lets 9 overtake 8, spoils 7 and keeps 2 for too long. */
    private static final class Unkind implements AutoCloseable {
        private final DatagramSocket socket;
        private DatagramPacket held;

        Unkind() throws IOException {
            socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
            new Thread(this::serve, "unkind-echo").start();
        }

        private void serve() {
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
                    socket.receive(packet);
                    answer(packet);
                }
            } catch (SocketException closed) {
                // The test is over.
            } catch (IOException broken) {
                throw new AssertionError(broken);
            }
        }

        private void answer(DatagramPacket packet) throws IOException {
            switch ((int) ByteBuffer.wrap(packet.getData()).getLong(12)) {
                case 2 ->
                    CompletableFuture.delayedExecutor(LATE_MS, TimeUnit.MILLISECONDS)
                            .execute(() -> later(packet));
                case 3, 4 -> {
                    // Lost.
                }
                case 5, 6 -> {
                    socket.send(packet);
                    socket.send(packet);
                }
                case 7 -> {
                    packet.getData()[40]++;
                    socket.send(packet);
                }
                case 8 -> held = packet;
                case 9 -> {
                    socket.send(packet);
                    socket.send(held);
                }
                default -> socket.send(packet);
            }
        }

        private void later(DatagramPacket packet) {
            try {
                socket.send(packet);
            } catch (IOException closed) {
                // The count of late answers tells.
            }
        }

        @Override
        public String toString() {
            return "udp://127.0.0.1:" + socket.getLocalPort();
        }

        @Override
        public void close() {
            socket.close(); // Which ends its thread.
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void whatHappenedToEachIsCountedExactly(RawBackend backend) throws Exception {
        try (Unkind server = new Unkind()) {
            Slice total = Loading.report("udp -R 200 -c 1 -d 1s --timeout 600ms --transport " + backend, server)
                    .total();

            assertThat(total.count(Count.SENT)).isEqualTo(200);
            assertThat(total.count(Count.LOST)).isEqualTo(3);
            assertThat(total.count(Count.LATE)).isEqualTo(1);
            assertThat(total.count(Count.DUPLICATE)).isEqualTo(2);
            assertThat(total.count(Count.CORRUPT)).isEqualTo(1);
            assertThat(total.count(Count.REORDERED)).isEqualTo(1);
            assertThat(total.count(Count.IN_TIME)).isEqualTo(195);
            assertThat(total.count(Count.ANSWERED)).isEqualTo(196);
            assertThat(total.count(Count.FAILED)).isEqualTo(4);
            assertThat(total.count(Count.UNFINISHED)).isZero();
            assertThat(total.errors().get(ErrorKind.TIMEOUT).count()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void closedLoopGoesOnAfterALoss(RawBackend backend) throws Exception {
        try (Unkind server = new Unkind()) {
            Slice total = Loading.report("udp -c 1 -w 2 -d 3s --timeout 150ms --transport " + backend, server)
                    .total();

            // Both of its two in flight were lost, it waited, and went on.
            assertThat(total.count(Count.ANSWERED)).isGreaterThan(20);
            assertThat(total.count(Count.SENT)).isEqualTo(total.count(Count.ANSWERED) + total.count(Count.FAILED));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void manySocketsWithManyInFlight(RawBackend backend) {
        try (Server server = Udp.listen(0).reply(bytes -> bytes).start()) {
            Report report = Loading.report(
                    "udp -c 4 -w 8 -t 2 -d 500ms --timeout 10s --transport " + backend,
                    "udp://127.0.0.1:" + server.port());
            Slice total = report.total();

            assertThat(total.errors()).isEmpty();
            assertThat(total.count(Count.ANSWERED)).isGreaterThan(32);
            assertThat(total.count(Count.IN_TIME) + total.count(Count.REORDERED))
                    .isEqualTo(total.count(Count.ANSWERED))
                    .isEqualTo(total.count(Count.SENT));
            assertThat(total.histogram(Timing.RESPONSE).getTotalCount()).isEqualTo(total.count(Count.ANSWERED));
        }
    }

    @Test
    void nobodyThereIsNothingDone() throws Exception {
        int port;
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            port = socket.getLocalPort();
        }

        Loading loading =
                Loading.of("udp -c 1 -d 200ms --warmup 0s --timeout 100ms --quiet --json -", "udp://127.0.0.1:" + port);

        assertThat(loading.status()).isEqualTo(1);
        Report report = ReportJson.read(loading.out().trim());
        assertThat(report.total().errors()).containsOnlyKeys(ErrorKind.REFUSED, ErrorKind.TIMEOUT);
        if (OS.LINUX.isCurrentOs()) {
            assertThat(report.about().get("kernel_drops"))
                    .asInstanceOf(InstanceOfAssertFactories.MAP)
                    .hasEntrySatisfying(
                            "NoPorts", drops -> assertThat((Long) drops).isPositive());
            assertThat(loading.err()).contains(" NoPorts");
        }
    }

    @Test
    void modesKeepToTheirSockets() {
        CommandLineError.expect(
                "udp tcp://127.0.0.1:1", "mode udp is for udp://HOST:PORT and unixgram:/PATH, all others for streams");
        CommandLineError.expect(
                "echo udp://127.0.0.1:1", "mode udp is for udp://HOST:PORT and unixgram:/PATH, all others for streams");
        CommandLineError.expect("udp -s 27 udp://127.0.0.1:1", "--size: 27 (expected: 28 to 65507)");
    }

    @Test
    void kernelsDropsAreReadFromItsOwnTables() {
        KernelDrops before = KernelDrops.parse(
                List.of(
                        "Tcp: a b",
                        "Tcp: 1 2",
                        "Udp: InDatagrams InErrors RcvbufErrors",
                        "Udp: 100 5 3",
                        "UdpLite: InErrors",
                        "UdpLite: 9"),
                List.of("Ip6InReceives \t8", "Udp6InDatagrams \t9", "Udp6RcvbufErrors \t1", "UdpLite6InErrors \t7"));
        KernelDrops after = KernelDrops.parse(
                List.of("Udp: InDatagrams InErrors RcvbufErrors", "Udp: 200 15 10"),
                List.of("Udp6InDatagrams \t90", "Udp6RcvbufErrors \t21", "UdpLite6InErrors \t70"));

        assertThat(after.since(before)).containsExactly(entry("InErrors", 10L), entry("RcvbufErrors", 27L));
    }

    @ParameterizedTest
    @EnabledOnOs(OS.LINUX)
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void kernelTellsOfADatagramForNobody(String address) throws Exception {
        InetAddress host = InetAddress.getByName(address);
        DatagramSocket nobody;
        try {
            nobody = new DatagramSocket(0, host);
        } catch (SocketException none) {
            assumeTrue(false, "no " + address + " here");
            return;
        }
        int port = nobody.getLocalPort();
        nobody.close();
        KernelDrops before = KernelDrops.now();
        try (DatagramSocket socket = new DatagramSocket(0, host)) {
            socket.send(new DatagramPacket(new byte[1], 1, host, port));
        }

        await().until(() -> ((Number) KernelDrops.now().since(before).get("NoPorts")).longValue() > 0);
    }
}
