package io.headrace.bench.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;

/**
 * The local addresses that connections come from, in turn. One pair of addresses has only some 28,000 ports.
 *
 * <p>The networks of Headrace's address rules are private to it, and tell whether an address lies within; these are counted through.
 */
final class Sources {
    /** The system chooses. */
    static final Sources ANY = new Sources(null, 0);

    /** What loopback targets get by themselves on Linux: 254 addresses that are nobody's. */
    static final String LOOPBACK = "127.77.0.0/24";

    private static final int BITS = 32;
    private static final int LONGEST_PREFIX = 30;

    private final byte[] first;
    private final long count;

    private Sources(byte[] first, long count) {
        this.first = first;
        this.count = count;
    }

    /**
     * All addresses of an IPv4 prefix but its first and last, or a single address.
     *
     * @throws IllegalArgumentException saying what was expected instead
     */
    static Sources parse(String cidr) {
        String[] parts = cidr.split("/", -1);
        try {
            byte[] address = InetAddress.getByName(parts[0]).getAddress();
            if (parts.length == 1) {
                return new Sources(address, 1);
            }
            int prefix = Integer.parseInt(parts[1]);
            if (parts.length == 2 && address.length == 4 && prefix >= 8 && prefix <= LONGEST_PREFIX) {
                long hosts = 1L << (BITS - prefix);
                int base = toInt(address) & (int) -hosts;
                return new Sources(toBytes(base + 1), hosts - 2);
            }
        } catch (UnknownHostException | NumberFormatException bad) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "--source: " + cidr + " (expected: an address, or IPv4 with a prefix of 8 to " + LONGEST_PREFIX + ")");
    }

    /** Whether both are IPv4, or both IPv6; a path can be reached from anywhere. */
    boolean canReach(SocketAddress address) {
        return count == 0
                || !(address instanceof InetSocketAddress internet)
                || internet.getAddress().getAddress().length == first.length;
    }

    /** The address for the {@code n}th connection with any port, or null where the system chooses. */
    InetSocketAddress at(long n) {
        if (count == 0) {
            return null;
        }
        try {
            byte[] address = count == 1 ? first : toBytes(toInt(first) + (int) (n % count));
            return new InetSocketAddress(InetAddress.getByAddress(address), 0);
        } catch (UnknownHostException wrongLength) {
            throw new AssertionError(wrongLength);
        }
    }

    private static int toInt(byte[] address) {
        return (address[0] & 0xff) << 24 | (address[1] & 0xff) << 16 | (address[2] & 0xff) << 8 | address[3] & 0xff;
    }

    private static byte[] toBytes(int address) {
        return new byte[] {(byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address};
    }
}
