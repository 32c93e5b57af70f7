package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.Client;
import io.headrace.Codec;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.contract.ChildJvm;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Datagrams on loops that run on io_uring have epoll threads beside them. */
class BesideIoUringTest {
    private final Loops loops = On.loops(Backend.IO_URING).named("mine");
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    private Server echo(Loops on) {
        return Udp.listen(0)
                .loops(on)
                .codec(Codec.utf8())
                .reply(text -> {
                    threads.add(Thread.currentThread());
                    return text;
                })
                .start();
    }

    private void ask(Server server) throws Exception {
        try (Caller caller = Caller.of(server)) {
            assertThat(caller.ask("Ada")).isEqualTo("Ada");
        }
    }

    @Test
    void whatNamesTheSameLoopsSharesTheThreadsBesideThem() throws Exception {
        try (Server first = echo(loops);
                Server second = echo(loops);
                Client<String, String> client = Udp.connect("127.0.0.1", first.port())
                        .loops(loops)
                        .codec(Codec.utf8())
                        .start()) {
            ask(first);
            ask(second);
            assertThat(client.ask("Bob").toCompletableFuture().get(10, TimeUnit.SECONDS))
                    .isEqualTo("Bob");
            assertThat(threads).hasSize(1).allMatch(thread -> thread.getName().equals("mine-epoll-1"));
        }
    }

    @Test
    void otherLoopsHaveOthers() throws Exception {
        try (Server first = echo(loops);
                Server second = echo(On.loops(Backend.IO_URING).named("yours"))) {
            ask(first);
            ask(second);
            assertThat(threads).extracting(Thread::getName).containsExactlyInAnyOrder("mine-epoll-1", "yours-epoll-1");
        }
    }

    @Test
    void theyEndWithTheirLastUser() throws Exception {
        Server first = echo(loops);
        try (Server second = echo(loops)) {
            first.close();
            ask(second);
            assertThat(threads).allMatch(Thread::isAlive);
        }
        assertThat(threads).hasSize(1);
        await().until(() -> threads.stream().noneMatch(Thread::isAlive));
        try (Server again = echo(loops)) {
            ask(again);
            assertThat(threads).hasSize(2);
        }
    }

    @Test
    void whereThereIsNoEpollStartSaysSo() throws Exception {
        try (ChildJvm program = ChildJvm.startWithout("netty-transport-native-epoll", Starting.class)) {
            assertThat(program.lineWith("start: "))
                    .endsWith("on 127.0.0.1:0: datagrams: io_uring (expected: a machine and a class path that have"
                            + " epoll too)");
        }
    }

    /** Says why it cannot start. */
    static final class Starting {
        public static void main(String[] args) {
            try (Server server = Udp.listen(0)
                    .loops(Loops.of(Backend.IO_URING))
                    .reply(bytes -> bytes)
                    .start()) {
                System.out.println("start: on " + server.address());
            } catch (CannotStartException why) {
                System.out.println("start: " + why.getMessage());
            }
            System.exit(0);
        }
    }
}
