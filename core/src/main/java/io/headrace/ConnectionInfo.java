package io.headrace;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Locale;

/**
 * One connection as it was when its event loop looked at it.
 *
 * @param id its {@link Connection#id()}
 * @param endpoint the name of its endpoint
 * @param address the peer's
 * @param age since it was accepted
 * @param receivedBytes bytes that its socket gave
 * @param sentBytes bytes that its socket took
 * @param pendingBytes bytes that wait for its socket to take them
 * @param openExchanges messages being handled, and answers that wait for their turn
 */
public record ConnectionInfo(
        long id,
        String endpoint,
        SocketAddress address,
        Duration age,
        long receivedBytes,
        long sentBytes,
        long pendingBytes,
        int openExchanges,
        State state) {

    /** Where a connection is in its life. */
    public enum State {
        /** Messages flow. */
        OPEN,
        /** It takes no more input; what is owed to the peer still leaves. */
        ENDING,
        /** Our side is shut down; it waits, briefly, for the peer to finish. */
        LINGERING
    }

    /** As {@code 127.0.0.1:4242 #12 of 'orders': open, 3.2s old, 2 open exchanges, 120 bytes in, 40 out, 0 wait}. */
    @Override
    public String toString() {
        return Text.of(address) + " #" + id + " of '" + endpoint + "': "
                + state.name().toLowerCase(Locale.ROOT) + ", " + Text.of(Duration.ofMillis(age.toMillis())) + " old, "
                + openExchanges + (openExchanges == 1 ? " open exchange, " : " open exchanges, ") + receivedBytes
                + " bytes in, " + sentBytes + " out, "
                + pendingBytes + " wait";
    }
}
