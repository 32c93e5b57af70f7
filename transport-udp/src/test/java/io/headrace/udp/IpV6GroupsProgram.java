package io.headrace.udp;

import io.headrace.Codec;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Sends to a group over {@code v0} before it is joined, while it is, and when it is left; says what was heard. For {@link IpV6GroupsTest}. */
final class IpV6GroupsProgram {
    private static final MulticastGroup GROUP = MulticastGroup.of("ff02::77").on("v0");

    private IpV6GroupsProgram() {}

    public static void main(String[] backends) throws Exception {
        for (String backend : backends) {
            System.out.println(backend + " heard: " + heardOn(Backend.valueOf(backend)));
        }
        System.exit(0);
    }

    private static List<String> heardOn(Backend backend) throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        MulticastGroups groups = MulticastGroups.none();
        try (Server server = Udp.listen("::", 0)
                        .loops(Loops.of(backend).threads(1))
                        .options(o -> o.multicast(groups))
                        .codec(Codec.utf8())
                        .consume(heard::add)
                        .start();
                MulticastSocket sender = new MulticastSocket(new InetSocketAddress("fd00::1", 0))) {
            sender.setNetworkInterface(NetworkInterface.getByName("v0"));
            SocketAddress group = new InetSocketAddress(InetAddress.getByName("ff02::77%v0"), server.port());
            SocketAddress itself = new InetSocketAddress("fd00::1", server.port());
            send(sender, "too early", group);
            groups.join(GROUP).toCompletableFuture().get(10, TimeUnit.SECONDS);
            send(sender, "joined", group);
            String first = heard.poll(10, TimeUnit.SECONDS);
            groups.leave(GROUP).toCompletableFuture().get(10, TimeUnit.SECONDS);
            send(sender, "too late", group);
            send(sender, "end", itself);
            return Arrays.asList(first, heard.poll(10, TimeUnit.SECONDS));
        }
    }

    private static void send(MulticastSocket sender, String text, SocketAddress to) throws Exception {
        sender.send(new DatagramPacket(text.getBytes(), text.length(), to));
    }
}
