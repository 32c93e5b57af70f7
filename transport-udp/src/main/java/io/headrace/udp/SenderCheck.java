package io.headrace.udp;

import io.headrace.ChannelStage;
import io.headrace.DropReason;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/**
 * Drops datagrams whose claimed sender would answer our answer, and so on for ever (CVE-2024-2169): the addresses of the endpoint and of
 * every other datagram endpoint of this process, and port 0, which nobody can have. By choice also the ports of services that answer anything.
 *
 * <p>Which addresses are this machine's own is read once, at start. Counted as {@code loop_suspected}. Clients of this process are answered.
 * Servers in two processes can still be set upon each other: where both answer what they do not understand, give one of them a {@link
 * DatagramRate}. Endpoints of one process that mean to talk to each other need {@link #off()} on the side that is spoken to.
 */
public final class SenderCheck implements ChannelStage<DatagramChannel> {
    /** Echo, daytime, qotd, chargen, time, DNS, TFTP, portmap, NTP, NetBIOS, SNMP, CLDAP, RIP, IPMI, SSDP, mDNS, memcached. */
    private static final int[] REFLECTORS = {
        7, 13, 17, 19, 37, 53, 69, 111, 123, 137, 161, 389, 520, 623, 1900, 5353, 11211
    };

    private final boolean reflectors;

    private SenderCheck(boolean reflectors) {
        this.reflectors = reflectors;
    }

    /** The default: the addresses of this process's own endpoints, and port 0. */
    public static SenderCheck ownAddress() {
        return new SenderCheck(false);
    }

    /** Also ports 7, 13, 17, 19, 37, 53, 69, 111, 123, 137, 161, 389, 520, 623, 1900, 5353 and 11211. Not for peers of such servers. */
    public SenderCheck andReflectors() {
        return new SenderCheck(true);
    }

    /** Takes the check off. */
    public static Stage<DatagramChannel> off() {
        return Stage.off(SenderCheck.class);
    }

    @Override
    public Slot slot() {
        return Slot.PEER;
    }

    @Override
    public PerLoop<DatagramChannel> open(Site site) {
        Set<InetAddress> own = ownAddresses();
        BitSet never = new BitSet();
        never.set(0);
        if (reflectors) {
            for (int port : REFLECTORS) {
                never.set(port);
            }
        }
        Guard check = new Check(own, never);
        return loop -> (channel, line) -> Guard.on(line, check);
    }

    private static Set<InetAddress> ownAddresses() {
        Set<InetAddress> own = new HashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .forEach(own::add);
        } catch (SocketException cannotTell) {
            // The addresses that sockets are bound to are still known.
        }
        return own;
    }

    @Override
    public String toString() {
        return "sender not ourselves" + (reflectors ? " nor a reflector" : "");
    }

    private record Check(Set<InetAddress> own, BitSet never) implements Guard {

        @Override
        public DropReason arriving(SocketAddress sender, int bytes) {
            if (!(sender instanceof InetSocketAddress from)) {
                return null;
            }
            int port = from.getPort();
            boolean suspected =
                    never.get(port) || (BoundAddresses.OF_THIS_PROCESS.anyOn(port) && isOurs(from.getAddress(), port));
            return suspected ? DropReason.LOOP_SUSPECTED : null;
        }

        private boolean isOurs(InetAddress address, int port) {
            for (InetAddress bound : BoundAddresses.OF_THIS_PROCESS.on(port)) {
                if (bound.isAnyLocalAddress()
                        ? address.isLoopbackAddress() || own.contains(address)
                        : bound.equals(address)) {
                    return true;
                }
            }
            return false;
        }
    }
}
