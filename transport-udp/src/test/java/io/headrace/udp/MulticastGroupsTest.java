package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.Codec;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Groups that are joined and left while endpoints run. */
class MulticastGroupsTest {
    private static final String ADDRESS = "239.77.1.3";
    private static final MulticastGroup GROUP = MulticastGroup.of(ADDRESS).on("lo");

    private final MulticastGroups groups = MulticastGroups.none();
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();

    private Server hearing(Backend backend) {
        return hearing(backend, groups);
    }

    private Server hearing(Backend backend, MulticastGroups groups) {
        return Udp.listen("0.0.0.0", 0)
                .loops(On.loops(backend))
                .options(o -> o.multicast(groups))
                .codec(Codec.utf8())
                .consume(heard::add)
                .start();
    }

    private static void done(CompletionStage<Void> stage) throws Exception {
        stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** To the group, and then to the server itself: what was heard of the group was heard before that. */
    private List<String> heardOf(Server server, String text) throws Exception {
        heard.clear();
        try (MulticastSocket sender = new MulticastSocket(new InetSocketAddress("127.0.0.1", 0))) {
            sender.setNetworkInterface(NetworkInterface.getByName("lo"));
            for (String address : List.of(ADDRESS, "127.0.0.1")) {
                String what = address.equals(ADDRESS) ? text : "end";
                sender.send(new DatagramPacket(
                        what.getBytes(), what.length(), InetAddress.getByName(address), server.port()));
            }
        }
        await().until(() -> heard.contains("end"));
        return List.copyOf(heard);
    }

    @OnEachBackend
    void aGroupIsJoinedAndLeftWhileTheEndpointRuns(Backend backend) throws Exception {
        try (Server server = hearing(backend)) {
            assertThat(heardOf(server, "too early")).containsExactly("end");
            done(groups.join(GROUP));
            assertThat(groups.joined()).containsExactly(GROUP);
            assertThat(heardOf(server, "news")).containsExactly("news", "end");
            done(groups.leave(GROUP));
            assertThat(groups.joined()).isEmpty();
            assertThat(heardOf(server, "too late")).containsExactly("end");
            done(groups.leave(GROUP)); // Nothing to leave.
        }
    }

    @OnEachBackend
    void aSourceIsJoinedAndLeftByItself(Backend backend) throws Exception {
        MulticastGroup others = GROUP.from("127.0.0.9");
        MulticastGroup ours = GROUP.from("127.0.0.1");
        try (Server server = hearing(backend)) {
            done(groups.join(others));
            assertThat(heardOf(server, "not from there")).containsExactly("end");
            done(groups.join(ours));
            assertThat(heardOf(server, "news")).containsExactly("news", "end");
            done(groups.leave(ours));
            assertThat(heardOf(server, "too late")).containsExactly("end");
        }
    }

    @OnEachBackend
    void whatStartsLaterHearsTheSameGroups(Backend backend) throws Exception {
        done(groups.join(GROUP));
        try (Server first = hearing(backend);
                Server second = hearing(backend)) {
            assertThat(heardOf(first, "one")).containsExactly("one", "end");
            assertThat(heardOf(second, "two")).containsExactly("two", "end");
            done(groups.leave(GROUP));
            assertThat(heardOf(first, "three")).containsExactly("end");
            assertThat(heardOf(second, "four")).containsExactly("end");
        }
    }

    @OnEachBackend
    void whatCannotBeJoinedIsSaidAndForgotten(Backend backend) throws Exception {
        try (Server server = hearing(backend)) {
            assertThatThrownBy(() ->
                            done(groups.join(MulticastGroup.of("127.0.0.1").on("lo"))))
                    .hasMessageContaining("expected: the address of a multicast group");
            assertThatThrownBy(() -> done(groups.join(MulticastGroup.of(ADDRESS).on("nothing0"))))
                    .hasMessageContaining("no network interface 'nothing0'");
            MulticastGroup otherFamily = MulticastGroup.of("ff02::77").on("lo");
            assertThatThrownBy(() -> done(groups.join(otherFamily)))
                    .hasMessageContaining(
                            "join: ff02:0:0:0:0:0:0:77 (expected: an IPv4 group, for a socket on 0.0.0.0)");
            assertThat(groups.joined()).isEmpty();
            assertThat(heardOf(server, "nothing")).containsExactly("end");
        }
    }

    /** Looks names up as slowly as the test wants. */
    private static final class SlowNames implements MulticastGroups.Lookup {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CompletableFuture<Membership> answer = new CompletableFuture<>();

        @Override
        public Membership of(MulticastGroup group) {
            asked.countDown();
            return answer.join();
        }
    }

    private static CompletableFuture<Void> joining(MulticastGroups groups) {
        return CompletableFuture.supplyAsync(() -> groups.join(GROUP), task -> new Thread(task).start())
                .thenCompose(stage -> stage);
    }

    @OnEachBackend
    void slowNamesHoldNoEventLoopUp(Backend backend) throws Exception {
        SlowNames names = new SlowNames();
        MulticastGroups slow = MulticastGroups.lookingUp(names);
        CompletableFuture<Void> joined;
        try (Server before = hearing(backend, slow)) {
            joined = joining(slow);
            names.asked.await();
            hearing(backend, slow).close(); // Its loop takes it off the list.
            assertThat(slow.joined()).isEmpty();
            try (Server meanwhile = hearing(backend, slow)) {
                assertThat(joined).isNotDone();
                names.answer.complete(Membership.of(GROUP));
                done(joined);
                assertThat(heardOf(before, "news")).containsExactly("news", "end");
                assertThat(heardOf(meanwhile, "more")).containsExactly("more", "end");
            }
        }
    }

    @OnEachBackend
    void whoJoinsMeanwhileHearsTheSame(Backend backend) throws Exception {
        SlowNames names = new SlowNames();
        MulticastGroups slow = MulticastGroups.lookingUp(names);
        try (Server server = hearing(backend, slow)) {
            CompletableFuture<Void> first = joining(slow);
            names.asked.await();
            CompletionStage<Void> second = slow.join(GROUP);
            assertThat(second.toCompletableFuture()).isNotDone();
            names.answer.complete(Membership.of(MulticastGroup.of("ff02::77").on("lo")));
            assertThatThrownBy(() -> done(first)).hasMessageContaining("expected: an IPv4 group");
            assertThatThrownBy(() -> done(second)).hasMessageContaining("expected: an IPv4 group");
            assertThat(slow.joined()).isEmpty();
            assertThat(heardOf(server, "nothing")).containsExactly("end");
        }
    }

    @OnEachBackend
    void whatIsLeftBeforeItIsJoinedIsNotJoined(Backend backend) throws Exception {
        SlowNames names = new SlowNames();
        MulticastGroups slow = MulticastGroups.lookingUp(names);
        try (Server server = hearing(backend, slow)) {
            CompletableFuture<Void> joined = joining(slow);
            names.asked.await();
            done(slow.leave(GROUP));
            names.answer.complete(Membership.of(GROUP));
            assertThatThrownBy(() -> done(joined))
                    .hasMessageContaining("join: 239.77.1.3 was left before it was joined");
            assertThat(heardOf(server, "nothing")).containsExactly("end");
        }
    }

    @OnEachBackend
    void aStartThatCannotJoinFails(Backend backend) throws Exception {
        done(groups.join(MulticastGroup.of("ff02::77").on("lo")));
        assertThatThrownBy(() -> hearing(backend))
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("expected: an IPv4 group");
    }
}
