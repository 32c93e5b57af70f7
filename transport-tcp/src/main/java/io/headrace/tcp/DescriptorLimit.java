package io.headrace.tcp;

import io.headrace.Machine;

/** How many descriptors this process may have open, as it was when first asked. */
final class DescriptorLimit {
    /** Where nothing is known. */
    static final int UNKNOWN = Integer.MAX_VALUE;

    private static final int LEAST_HEADROOM = 64;

    private static final int LIMIT =
            (int) Math.min(UNKNOWN, Machine.descriptorLimit().orElse(UNKNOWN));

    private DescriptorLimit() {}

    static int get() {
        return LIMIT;
    }

    /** How many of them are for whatever is no connection: files, event loops, refused peers. */
    static int headroom() {
        return headroom(LIMIT);
    }

    static int headroom(int limit) {
        return Math.max(LEAST_HEADROOM, limit / 10);
    }
}
