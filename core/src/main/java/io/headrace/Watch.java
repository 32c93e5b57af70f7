package io.headrace;

import java.util.List;

/**
 * Hears what happens on channels without standing on the line: told by the connection itself. Event loop only.
 *
 * <p>One object may watch every channel of a loop, so that counting costs a plain field. Implementations must not throw.
 */
public interface Watch {

    /** A connection was accepted or made. */
    default void opened() {}

    /** A peer that connected was refused: no connection is opened. On the event loop of the listening socket. */
    default void rejected(RejectReason reason) {}

    /** The operating system gave no socket though a peer had connected. On the event loop of the listening socket. */
    default void acceptFailed(AcceptError error) {}

    /** The socket gave bytes. */
    default void received(int bytes) {}

    /** The socket took bytes. */
    default void sent(long bytes) {}

    /** A connection ended, for exactly one reason, {@code ageNs} after it was opened. */
    default void closed(CloseReason reason, long ageNs) {}

    /**
     * The queue toward the peer went over the high mark ({@code false}), or back under the low one or away with its connection ({@code
     * true}).
     */
    default void writable(boolean writable) {}

    /**
     * So many more bytes wait to be sent toward a peer than when this was last told; negative when they have left or were dropped. Told
     * when a batch has been flushed and in steps of 4 KiB, not for every message; what a connection was told sums up to 0 at its end.
     */
    default void pending(long bytes) {}

    /** Bytes that were queued toward a peer did not leave, because the connection has ended. */
    default void bytesDropped(long bytes) {}

    /** A message that was sent unasked was dropped, because its peer reads too slowly. */
    default void messageDropped() {}

    /** A peer that we had finished with did not finish too, within the bounds of lingering, and was cut off. One that was refused is told on the event loop of the listening socket. */
    default void lingerAborted() {}

    /** A datagram of this many bytes came in; {@link #received} is told as well. */
    default void datagramReceived(int bytes) {}

    /** A datagram of this many bytes left; {@link #sent} is told as well. */
    default void datagramSent(int bytes) {}

    /** A datagram was dropped. */
    default void datagramDropped(DropReason reason) {}

    /** A peer was forgotten, because a table of peers was full. */
    default void peerEvicted() {}

    /** A question was sent once more, because no answer came. */
    default void questionRepeated() {}

    /** A question was given up without an answer. */
    default void questionLost() {}

    /** Two watches as one. */
    static Watch both(Watch first, Watch second) {
        return Watches.of(List.of(first, second));
    }
}
