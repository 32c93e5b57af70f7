package io.headrace;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How much of an address says who somebody is: who has one IPv6 address has a /64 of them.
 *
 * <p>An IPv4-mapped address counts as IPv4. Peers without an address, as on Unix-domain sockets, count as one. For transports.
 */
public record AddressPrefix(int ipv4Bits, int ipv6Bits) {
    public static final AddressPrefix DEFAULT = new AddressPrefix(32, 64);

    /** Beyond what an IPv4 address gives, and as an IPv6 one it would be multicast. */
    public static final long UNNAMED = 1L << 40;

    private static final long SEED = ThreadLocalRandom.current().nextLong(); // Or peers could be made to collide.
    private static final int IPV4_BYTES = 4;

    public void check(Problems problems, String stage) {
        problems.expect(ipv4Bits >= 1 && ipv4Bits <= 32, stage + ".prefixes.ipv4Bits", ipv4Bits, "1 to 32");
        problems.expect(ipv6Bits >= 1 && ipv6Bits <= 128, stage + ".prefixes.ipv6Bits", ipv6Bits, "1 to 128");
    }

    /** The same number for everybody who counts as one. */
    public long key(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? key(inet.getAddress())
                : UNNAMED;
    }

    /** The same for an address without its port. */
    public long key(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == IPV4_BYTES) {
            return bits(bytes, 0, IPV4_BYTES) >>> (32 - ipv4Bits);
        }
        long high = bits(bytes, 0, Long.BYTES);
        long low = bits(bytes, Long.BYTES, bytes.length);
        if (high == 0 && low >>> 32 == 0xFFFF) {
            return (low & 0xFFFF_FFFFL) >>> (32 - ipv4Bits);
        }
        // Inverted, no prefix looks like an IPv4 address: that would take one of ffff:ffff, which is multicast.
        if (ipv6Bits <= Long.SIZE) {
            return ~(high >>> (Long.SIZE - ipv6Bits) << (Long.SIZE - ipv6Bits));
        }
        return ~(high ^ mix(low >>> (128 - ipv6Bits) ^ SEED));
    }

    private static long bits(byte[] bytes, int from, int to) {
        long bits = 0;
        for (int i = from; i < to; i++) {
            bits = bits << Byte.SIZE | bytes[i] & 0xFF;
        }
        return bits;
    }

    /** Stafford's finalizer: every bit of the input reaches every bit of the result. */
    static long mix(long key) {
        long mixed = (key ^ key >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    /** What an operator reads: 32 and 64 bits go without saying. */
    @Override
    public String toString() {
        return equals(DEFAULT) ? "" : " of /" + ipv4Bits + " and /" + ipv6Bits;
    }
}
