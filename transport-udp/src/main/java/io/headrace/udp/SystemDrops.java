package io.headrace.udp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

/**
 * What Linux dropped of the datagrams for some sockets, mostly because their receive buffers were full: the last column of
 * {@code /proc/net/udp}. Any thread; elsewhere than on Linux it stays 0.
 *
 * @param inodes the sockets by the number that the system gave them, or none where only the address is known (NIO)
 */
record SystemDrops(Path table, InetSocketAddress address, Set<String> inodes) implements DoubleSupplier {
    private static final int ADDRESS_COLUMN = 1;
    private static final int INODE_COLUMN = 9;
    private static final int DROPS_COLUMN = 12;

    /** @param fds the descriptors of the sockets that are bound to {@code address}, as far as they are known */
    static SystemDrops of(InetSocketAddress address, List<Integer> fds) {
        boolean ipV4 = address.getAddress().getAddress().length == 4;
        return new SystemDrops(Path.of(ipV4 ? "/proc/net/udp" : "/proc/net/udp6"), address, inodes(fds));
    }

    private static Set<String> inodes(List<Integer> fds) {
        Set<String> inodes = new HashSet<>();
        for (int fd : fds) {
            try {
                String link =
                        Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString(); // socket:[4711]
                inodes.add(link.replaceAll("\\D", ""));
            } catch (IOException notLinux) {
                return Set.of();
            }
        }
        return inodes;
    }

    @Override
    public double getAsDouble() {
        if (!Files.isReadable(table)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(table, StandardCharsets.US_ASCII)) {
            return lines.skip(1)
                    .map(line -> line.trim().split("\\s+"))
                    .filter(columns -> columns.length > DROPS_COLUMN && ours(columns))
                    .mapToLong(columns -> Long.parseLong(columns[DROPS_COLUMN]))
                    .sum();
        } catch (IOException | RuntimeException unreadable) {
            return 0;
        }
    }

    private boolean ours(String[] columns) {
        return inodes.isEmpty() ? columns[ADDRESS_COLUMN].equals(hex(address)) : inodes.contains(columns[INODE_COLUMN]);
    }

    /** {@code 127.0.0.1:8125} as the table has it, {@code 0100007F:1FBD}: each four bytes in the machine's order. */
    static String hex(InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            hex.append(String.format("%02X", bytes[little ? (i ^ 3) : i]));
        }
        return hex.append(String.format(":%04X", address.getPort())).toString();
    }
}
