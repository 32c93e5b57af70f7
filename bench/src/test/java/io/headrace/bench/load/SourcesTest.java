package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.bench.netty.RawBackend;
import io.headrace.contract.ChildJvm;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where connections come from, and what is said when there is no port left. */
@EnabledOnOs(OS.LINUX)
class SourcesTest {

    static Stream<RawBackend> backends() {
        return ModesTest.backends();
    }

    private static Set<String> seenBy(String words) {
        Set<String> addresses = ConcurrentHashMap.newKeySet();
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                addresses.add(((InetSocketAddress) ctx.channel().remoteAddress())
                        .getAddress()
                        .getHostAddress());
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.writeAndFlush(message);
            }
        })) {
            Report report = Loading.report(words, server);

            assertThat(report.total().errors()).isEmpty();
            assertThat(report.total().count(Count.ANSWERED)).isPositive();
        }
        return addresses;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void loopbackIsLoadedFromManyAddresses(RawBackend backend) {
        assertThat(seenBy("echo -c 3 -t 1 -d 200ms --transport " + backend))
                .containsExactlyInAnyOrder("127.77.0.1", "127.77.0.2", "127.77.0.3");
    }

    @ParameterizedTest
    @MethodSource("backends")
    void sourcesAreTakenInTurn(RawBackend backend) {
        assertThat(seenBy("echo -c 5 -d 200ms --source 127.78.0.8/30 --transport " + backend))
                .containsExactlyInAnyOrder("127.78.0.9", "127.78.0.10");
    }

    @ParameterizedTest
    @MethodSource("backends")
    void portsThatRunOutAreSaidToBeMissing(RawBackend backend) throws Exception {
        List<String> namespace = List.of(
                "unshare",
                "-rn",
                "sh",
                "-c",
                "ip link set lo up && echo 40000 40049 >/proc/sys/net/ipv4/ip_local_port_range && exec \"$@\"",
                "sh");
        assumeTrue(works(namespace), "no network of our own here");
        try (ChildJvm child = ChildJvm.start(namespace, SourcesTest.class, backend.toString())) {
            assertThat(child.allLines())
                    .contains("error        no local port: ")
                    .doesNotContain("error        other");
        }
    }

    private static boolean works(List<String> wrapper) throws Exception {
        try {
            Process tried = new ProcessBuilder(
                            Stream.concat(wrapper.stream(), Stream.of("true")).toList())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return tried.waitFor(10, TimeUnit.SECONDS) && tried.exitValue() == 0;
        } catch (IOException missing) {
            return false;
        }
    }

    /** In a network with 50 ports, fewer than connections are wanted at once. */
    public static void main(String[] args) {
        try (Served server = Served.tcp(Served::echo)) {
            System.out.println(Loading.of(
                            "connect --greeting 0 -c 60 -d 500ms --warmup 0s --quiet --source 127.0.0.1 --transport "
                                    + args[0],
                            server)
                    .out());
        }
    }
}
