package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Endpoint;
import io.headrace.Gate;
import io.headrace.Meter;
import io.headrace.Newcomer;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What tests of those who come in share: gates as a user may write them, and peers that are let in. */
abstract class GatedTest extends StreamTest {

    /** A gate as a user may write one. */
    static final class Door implements ChannelStage<Channel>, Gate {
        final List<Newcomer> asked = new CopyOnWriteArrayList<>();
        final List<Newcomer> gone = new CopyOnWriteArrayList<>();
        final List<CloseReason> reasons = new CopyOnWriteArrayList<>();
        final AtomicBoolean shut = new AtomicBoolean();
        private final Refusal refusal;

        Door(Refusal refusal) {
            this.refusal = refusal;
        }

        @Override
        public Slot slot() {
            return Slot.ADMISSION;
        }

        @Override
        public PerLoop<Channel> open(Site site) {
            site.admit(this);
            return loop -> ChannelStage.nothing();
        }

        @Override
        public RejectReason refuses(Newcomer newcomer) {
            if (shut.get()) {
                return RejectReason.APPLICATION;
            }
            asked.add(newcomer);
            return null;
        }

        @Override
        public Refusal refusal() {
            return refusal;
        }

        @Override
        public void left(Newcomer newcomer, CloseReason reason) {
            gone.add(newcomer);
            reasons.add(reason == null ? CloseReason.IO_ERROR : reason);
        }

        /** Everybody who was let in has gone, once. */
        void requireEmpty() {
            assertThat(gone).containsExactlyInAnyOrderElementsOf(asked);
        }
    }

    double rejected(RejectReason reason) {
        return registry.get(Meter.CONNECTIONS_REJECTED.id())
                .tag(Meter.CONNECTIONS_REJECTED.tagKey(), reason.tag())
                .functionCounter()
                .count();
    }

    List<StreamPeer> admitted(Server server, int peers) throws IOException {
        List<StreamPeer> all = new ArrayList<>();
        for (int i = 0; i < peers; i++) {
            StreamPeer peer = dial(server);
            peer.say("in?");
            assertThat(peer.hear()).isEqualTo("in?");
            all.add(peer);
        }
        return all;
    }

    Endpoint echo(ChannelStage<? super DuplexChannel> stage) {
        return lines().with(stage).reply(message -> message);
    }

    /** Lets peers wait until it opens, and counts how often it was asked. */
    static final class Barrier implements ChannelStage<Channel>, Gate {
        final AtomicInteger asked = new AtomicInteger();
        final AtomicBoolean open = new AtomicBoolean();

        @Override
        public Slot slot() {
            return Slot.PEER;
        }

        @Override
        public PerLoop<Channel> open(Site site) {
            site.admit(this);
            return loop -> ChannelStage.nothing();
        }

        @Override
        public RejectReason refuses(Newcomer newcomer) {
            asked.incrementAndGet();
            return open.get() ? null : RejectReason.APPLICATION;
        }

        @Override
        public Refusal refusal() {
            return Refusal.waiting();
        }
    }
}
