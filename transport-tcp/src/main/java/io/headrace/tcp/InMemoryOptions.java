package io.headrace.tcp;

import io.headrace.Problems;

/**
 * How in-memory streams are set.
 *
 * @param backlog how many connections may wait to be accepted; one more is refused
 * @param receiveBufferBytes how much the other side may send ahead of what is read here
 */
public record InMemoryOptions(int backlog, int receiveBufferBytes) {

    /** 1,024 waiting, 64 KiB ahead. */
    public static final InMemoryOptions DEFAULTS = new InMemoryOptions(1_024, 64 * 1_024);

    public InMemoryOptions backlog(int backlog) {
        return new InMemoryOptions(backlog, receiveBufferBytes);
    }

    public InMemoryOptions receiveBufferBytes(int receiveBufferBytes) {
        return new InMemoryOptions(backlog, receiveBufferBytes);
    }

    void check(Problems problems) {
        problems.expect(backlog >= 1, "backlog", backlog, ">= 1");
        problems.expect(receiveBufferBytes >= 1, "receiveBufferBytes", receiveBufferBytes, ">= 1");
    }
}
