package io.headrace.tcp;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Arrays;

/** The addresses that begin with the same bits, as {@code 10.0.0.0/8} writes them (RFC 4632, RFC 4291). Never asks a name service. */
final class Network {
    private static final int IPV6_BYTES = 16;
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

    private final byte[] address;
    private final int bits;

    private Network(byte[] address, int bits) {
        this.address = address;
        this.bits = bits;
    }

    /** Null where the text is none, or has bits beyond its prefix: {@code 10.0.0.1/8} is a mistake, whatever was meant. */
    static Network of(String text) {
        String[] parts = text.split("/", -1);
        byte[] given = NetUtil.createByteArrayFromIpAddressString(parts[0]);
        if (given == null || parts.length > 2 || parts.length == 2 && !parts[1].matches("\\d{1,3}")) {
            return null;
        }
        int bits = parts.length == 2 ? Integer.parseInt(parts[1]) : Byte.SIZE * given.length;
        byte[] address = unmapped(given);
        bits -= Byte.SIZE * (given.length - address.length);
        Network network = new Network(address, bits);
        return bits >= 0 && bits <= Byte.SIZE * address.length && network.endsWithin() ? network : null;
    }

    private boolean endsWithin() {
        byte[] rest = address.clone();
        for (int bit = 0; bit < bits; bit++) {
            rest[bit / Byte.SIZE] &= (byte) ~(0x80 >>> bit % Byte.SIZE);
        }
        return Arrays.equals(rest, new byte[rest.length]);
    }

    /** Four bytes of an IPv4 address, an IPv4-mapped one too, or sixteen. */
    static byte[] bytes(InetAddress address) {
        return unmapped(address.getAddress());
    }

    private static byte[] unmapped(byte[] address) {
        boolean mapped = address.length == IPV6_BYTES && Arrays.mismatch(address, MAPPED) == MAPPED.length;
        return mapped ? Arrays.copyOfRange(address, MAPPED.length, IPV6_BYTES) : address;
    }

    boolean contains(byte[] other) {
        if (other.length != address.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        int mask = 0xFF00 >>> bits % Byte.SIZE & 0xFF;
        return Arrays.equals(other, 0, whole, address, 0, whole)
                && (mask == 0 || (other[whole] & mask) == (address[whole] & mask));
    }

    int bits() {
        return bits;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network network && bits == network.bits && Arrays.equals(address, network.address);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(address) + bits;
    }
}
