package io.headrace.udp;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What Linux dropped of the datagrams for some sockets, mostly because their receive buffers were full: the last column of
 * {@code /proc/net/udp}. Any thread; elsewhere than on Linux it stays 0.
 *
 * @param inodes the sockets by the number that the system gave them
 */
record SystemDrops(Path table, Set<String> inodes) implements DoubleSupplier {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final int ADDRESS_COLUMN = 1;
    private static final int INODE_COLUMN = 9;
    private static final int DROPS_COLUMN = 12;

    /** Of no socket yet: what is bound already at addresses of this family is not ours. Before binding. */
    static SystemDrops before(InetAddress family) {
        Path table = Path.of(family instanceof Inet4Address ? "/proc/net/udp" : "/proc/net/udp6");
        return new SystemDrops(
                table, rows(table).map(columns -> columns[INODE_COLUMN]).collect(Collectors.toSet()));
    }

    /**
     * Of the sockets that this process has bound to {@code address} since. Others may have, too: the address may be shared. No backend is asked
     * for its descriptors, because NIO hides them.
     */
    SystemDrops since(InetSocketAddress address) {
        String place = hex(address);
        Set<String> ours = ofThisProcess();
        return new SystemDrops(
                table,
                rows(table)
                        .filter(columns -> columns[ADDRESS_COLUMN].equals(place))
                        .map(columns -> columns[INODE_COLUMN])
                        .filter(inode -> ours.contains(inode) && !inodes.contains(inode))
                        .collect(Collectors.toSet()));
    }

    private static Set<String> ofThisProcess() {
        Set<String> inodes = new HashSet<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : descriptors) {
                inodes.add(inode(descriptor));
            }
        } catch (IOException | DirectoryIteratorException notLinux) {
            // Then there is no table either.
        }
        return inodes;
    }

    private static String inode(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().replaceAll("\\D", ""); // socket:[4711]
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    @Override
    public double getAsDouble() {
        return rows(table)
                .filter(columns -> inodes.contains(columns[INODE_COLUMN]))
                .mapToLong(columns -> Long.parseLong(columns[DROPS_COLUMN]))
                .sum();
    }

    private static Stream<String[]> rows(Path table) {
        if (!Files.isReadable(table)) {
            return Stream.empty();
        }
        try {
            return Files.readAllLines(table, StandardCharsets.US_ASCII).stream()
                    .skip(1)
                    .map(line -> line.trim().split("\\s+"))
                    .filter(columns -> columns.length > DROPS_COLUMN);
        } catch (IOException unreadable) {
            return Stream.empty();
        }
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
