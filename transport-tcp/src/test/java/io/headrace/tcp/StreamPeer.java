package io.headrace.tcp;

import io.headrace.contract.RawPeer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The other end of a stream, as bytes; a message is a line. One thread may send while another receives. */
abstract class StreamPeer implements RawPeer {
    private static final int CHUNK = 64 * 1_024;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** Sends what the network takes at once, and says how much that is. */
    abstract int offer(ByteBuffer bytes) throws IOException;

    /** Waits until more may be sent. */
    abstract void awaitRoom() throws IOException;

    /** Waits for bytes: at least one, at most so many; none at the end of the stream. */
    abstract byte[] receive(int maxBytes) throws IOException;

    /** Sends nothing more (FIN). */
    abstract void finish() throws IOException;

    /** Leaves without a good-bye. Only where the medium has that: see {@link Medium#resets()}. */
    abstract void reset() throws IOException;

    final void send(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            if (offer(left) == 0) {
                awaitRoom();
            }
        }
    }

    /** Sends so much; whether the other side stopped that before all was taken. */
    final boolean isCutOffBefore(int bytes) {
        try {
            send(new byte[bytes]);
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    final void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public final void say(byte[] message) throws IOException {
        byte[] framed = Arrays.copyOf(message, message.length + 1);
        framed[message.length] = '\n';
        send(framed);
    }

    @Override
    public final void say(String message) throws IOException {
        say(message.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public final String hear() throws IOException {
        while (true) {
            byte[] one = receive(1);
            if (one.length == 0) {
                if (line.size() > 0) {
                    throw new AssertionError("half a line at the end: " + line);
                }
                return null;
            }
            if (one[0] == '\n') {
                String heard = line.toString(StandardCharsets.UTF_8);
                line.reset();
                return heard;
            }
            line.write(one[0]);
        }
    }

    /** Everything up to the end of the stream; a reset instead of an end is an IOException. */
    final byte[] receiveAll() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] some; (some = receive(CHUNK)).length > 0; ) {
            all.write(some);
        }
        return all.toByteArray();
    }

    final String hearAll() throws IOException {
        return new String(receiveAll(), StandardCharsets.UTF_8);
    }
}
