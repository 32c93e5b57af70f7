package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.CannotStartException;
import io.headrace.Endpoint;
import io.headrace.Finding;
import io.headrace.Finding.Level;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Machine;
import io.headrace.Server;
import io.headrace.contract.ContractTest;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What an endpoint of streams finds out about itself and its machine before it starts. */
@EnabledOnOs(OS.LINUX)
class ChecksTest extends ContractTest {
    @TempDir
    private Path folder;

    @Override
    protected Backend backend() {
        return Backend.NIO;
    }

    private static List<String> found(Endpoint endpoint, Level level) {
        return endpoint.check().of(level).stream().map(Finding::toString).toList();
    }

    private static Endpoint on(String host, int port) {
        return Tcp.listen(host, port).reply(bytes -> bytes);
    }

    private Endpoint at(Path path) {
        return Unix.listen(path).reply(bytes -> bytes);
    }

    // ---- every stream

    @Test
    void moreConnectionsThanThereAreDescriptorsForAreFound() {
        int possible = ConnectionBudget.ofProcess().connections();
        StreamSetup<?, ByteBuf, Object> setup = Tcp.listen("127.0.0.1", 0);
        String advice = " (expected: at most " + possible + ", which is what the limit of " + DescriptorLimit.get()
                + " descriptors allows)";
        assertThat(found(setup.with(ConnectionLimit.of(possible)).reply(bytes -> bytes), Level.WARN))
                .isEmpty();
        assertThat(found(setup.with(ConnectionLimit.of(possible + 1)).reply(bytes -> bytes), Level.WARN))
                .containsExactly("ConnectionLimit: " + (possible + 1) + advice);
        ConnectionBudget million = ConnectionBudget.of(Integer.MAX_VALUE - 1);
        assertThat(found(
                        setup.with(ConnectionLimit.byDescriptors().within(million))
                                .reply(bytes -> bytes),
                        Level.WARN))
                .containsExactly("ConnectionLimit: 2147483646" + advice);
    }

    // ---- TCP

    @Test
    void aFreeAddressIsFoundFreeAndLeftFree() {
        List<String> before = descriptors();
        assertThat(on("127.0.0.1", 0).check().good()).isTrue();
        assertThat(found(on("127.0.0.1", 0), Level.OK)).contains("address: 127.0.0.1:0, free");
        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void aTakenAddressSaysWhoHasIt() {
        int port = start(Tcp.listen(0).loops(loops).reply(bytes -> bytes)).port();
        assertThat(found(on("127.0.0.1", port), Level.ERROR))
                .containsExactly("address: 127.0.0.1:" + port + " (expected: a free one, but java (process "
                        + ProcessHandle.current().pid() + ") has it)");
    }

    @Test
    void anAddressOfAnotherMachineIsSaid() {
        assertThat(found(on("192.0.2.1", 0), Level.ERROR))
                .singleElement()
                .asString()
                .startsWith("address: 192.0.2.1:0 (expected: an address of this machine; ");
        assertThatThrownBy(() -> Server.start(on("192.0.2.1", 0)))
                .isInstanceOf(CannotStartException.class)
                .hasMessageEndingWith(": Cannot assign requested address");
        assertThat(found(on("no-such-host.invalid", 0), Level.ERROR))
                .containsExactly("host: no-such-host.invalid (expected: a name that resolves)");
    }

    @Test
    void whatTheKernelWillNotGrantIsAdvice() {
        long most = Machine.number("net.core.somaxconn").getAsLong();
        Endpoint greedy = Tcp.listen(0)
                .options(o ->
                        o.backlog((int) most + 1).receiveBufferBytes(1 << 30).sendBufferBytes(1 << 30))
                .reply(bytes -> bytes);
        assertThat(greedy.check().good()).isTrue();
        assertThat(found(greedy, Level.WARN))
                .hasSize(3)
                .contains("backlog: " + (most + 1) + ", of which the system grants " + most
                        + " (expected: at most net.core.somaxconn; sysctl -w net.core.somaxconn=" + (most + 1) + ")");
        Endpoint content = Tcp.listen(0).options(o -> o.backlog((int) most)).reply(bytes -> bytes);
        assertThat(found(content, Level.WARN)).isEmpty();
    }

    @Test
    void everyAddressWithoutAGuardIsAdvice() {
        assertThat(found(on("0.0.0.0", 0), Level.WARN)).hasSize(1);
        assertThat(found(on("::", 0), Level.WARN)).hasSize(1);
        assertThat(found(on("127.0.0.1", 0), Level.WARN)).isEmpty();
    }

    @Test
    void aBackendOfAnotherSystemSaysWhyNot() {
        Endpoint endpoint = Tcp.listen(0).loops(Loops.of(Backend.KQUEUE)).reply(bytes -> bytes);
        assertThat(found(endpoint, Level.ERROR))
                .singleElement()
                .asString()
                .startsWith("loops: kqueue (expected: available on this machine, but not available: ");
    }

    @Test
    void addressesAreWantedOnce() {
        Endpoint twice = Tcp.listen(
                        new InetSocketAddress("127.0.0.1", 7_001), new InetSocketAddress("127.0.0.1", 7_001))
                .reply(bytes -> bytes);
        assertThat(found(twice, Level.ERROR)).containsExactly("address: 127.0.0.1:7001 (expected: named once)");
        assertThatThrownBy(() -> Server.start(
                        Tcp.listen(7_001).named("one").reply(bytes -> bytes),
                        Tcp.listen(7_001).named("two").reply(bytes -> bytes)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tcp endpoint 'two' on 127.0.0.1:7001:"
                        + " address: tcp 127.0.0.1:7001 (expected: one endpoint per address)");
        start(
                Tcp.listen(0).named("one").loops(loops).reply(bytes -> bytes),
                Tcp.listen(0).named("two").loops(loops).reply(bytes -> bytes));
    }

    @Test
    void missingOptionsAreABadSetting() {
        UnaryOperator<TcpOptions> noTcp = o -> null;
        UnaryOperator<UnixOptions> noUnix = o -> null;
        assertThat(found(Tcp.listen(0).options(noTcp).reply(bytes -> bytes), Level.ERROR))
                .containsExactly("options: null (expected: options)");
        assertThat(found(Unix.listen(folder.resolve("s")).options(noUnix).reply(bytes -> bytes), Level.ERROR))
                .containsExactly("options: null (expected: options)");
        assertThat(found(at(null), Level.ERROR)).containsExactly("path: 'null' (expected: 1 to 107 bytes)");
    }

    // ---- Unix

    @Test
    void whatTheKernelWillNotGrantAUnixSocketIsAdvice() {
        long most = Machine.number("net.core.somaxconn").getAsLong();
        Endpoint greedy = Unix.listen(folder.resolve("greedy.sock"))
                .options(o -> o.backlog((int) most + 1).sendBufferBytes(1 << 30))
                .reply(bytes -> bytes);
        assertThat(found(greedy, Level.WARN))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("backlog: " + (most + 1) + ", of which the system grants " + most))
                .anyMatch(line -> line.startsWith("sendBufferBytes: " + (1 << 30)));
    }

    @Test
    void aPathIsLookedAt() throws IOException {
        Path path = folder.resolve("app.sock");
        assertThat(found(at(path), Level.OK)).contains("path: " + path + ", free, rw-------");

        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        assertThat(found(at(path), Level.ERROR))
                .containsExactly("path: " + path + " (expected: a free one, but another process has it open)");
        server.close();
        assertThat(found(at(path), Level.OK))
                .contains("path: " + path + ", left by a server that is gone, will be replaced, rw-------");
        assertThat(path).exists();

        Path file = Files.createFile(folder.resolve("file"));
        assertThat(found(at(file), Level.ERROR))
                .containsExactly("path: " + file + " (expected: a socket or nothing there)");
        Path missing = folder.resolve("no/app.sock");
        assertThat(found(at(missing), Level.ERROR))
                .containsExactly("path: " + missing + " (expected: in a folder that is there)");
    }
}
