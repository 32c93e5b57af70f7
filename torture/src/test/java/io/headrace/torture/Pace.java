package io.headrace.torture;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Asks over many connections from the thread of the test: as fast as it is answered, or at a rate, whatever the answers do. */
final class Pace implements AutoCloseable {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

    private final Selector selector = Selector.open();
    private final List<Asker> askers = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(16_384);
    private Heard heard;

    private Pace() throws IOException {}

    static Pace of(int port, int connections) throws IOException {
        Pace pace = new Pace();
        for (int i = 0; i < connections; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
            channel.socket().setTcpNoDelay(true);
            channel.configureBlocking(false);
            Asker asker = new Asker(channel);
            channel.register(pace.selector, SelectionKey.OP_READ, asker);
            pace.askers.add(asker);
        }
        return pace;
    }

    private static final class Asker {
        private final SocketChannel channel;
        private final Deque<Long> askedNs = new ArrayDeque<>();
        private final StringBuilder line = new StringBuilder();

        Asker(SocketChannel channel) {
            this.channel = channel;
        }

        void ask(long fromNs) throws IOException {
            askedNs.add(fromNs);
            ByteBuffer question = ByteBuffer.wrap("?\n".getBytes(US_ASCII));
            while (question.hasRemaining()) {
                channel.write(question);
            }
        }
    }

    /** Answers by what they say, with how long each took. */
    static final class Heard {
        private final Map<String, long[]> tookNs = new HashMap<>();
        private final Map<String, Integer> counts = new HashMap<>();
        private double seconds;

        private void add(String answer, long ns) {
            int count = counts.merge(answer, 1, Integer::sum);
            long[] took = tookNs.getOrDefault(answer, new long[1_024]);
            took = count > took.length ? Arrays.copyOf(took, 2 * count) : took;
            took[count - 1] = ns;
            tookNs.put(answer, took);
        }

        int count(String answer) {
            return counts.getOrDefault(answer, 0);
        }

        double perSecond(String answer) {
            return count(answer) / seconds;
        }

        long medianNs(String answer) {
            return quantileNs(answer, 0.5);
        }

        long p99Ns(String answer) {
            return quantileNs(answer, 0.99);
        }

        private long quantileNs(String answer, double part) {
            long[] sorted = Arrays.copyOf(tookNs.get(answer), count(answer));
            Arrays.sort(sorted);
            return sorted[(int) (sorted.length * part)];
        }

        @Override
        public String toString() {
            return counts + " in " + seconds + " s";
        }
    }

    /** So many connections ask, each again when it has been answered. */
    Heard asAnswered(int asking, Duration time) throws IOException {
        heard = new Heard();
        long startNs = System.nanoTime();
        for (Asker asker : askers.subList(0, asking)) {
            asker.ask(System.nanoTime());
        }
        while (System.nanoTime() - startNs < time.toNanos()) {
            selector.select(key -> read(key, true), 10);
        }
        return over(startNs);
    }

    /** All ask in turn, so often in a second. A question counts from when it was due, so that a slow asker hides nothing. */
    Heard at(double perSecond, Duration time) throws IOException {
        heard = new Heard();
        long startNs = System.nanoTime();
        long count = (long) (perSecond * time.toNanos() / 1e9);
        for (int i = 0; i < count; ) {
            long dueNs = startNs + (long) (i * 1e9 / perSecond);
            long waitNs = dueNs - System.nanoTime();
            if (waitNs > 0) {
                selector.select(key -> read(key, false), Math.max(1, waitNs / 1_000_000));
            } else {
                selector.selectNow(key -> read(key, false));
                askers.get(i++ % askers.size()).ask(dueNs);
            }
        }
        return over(startNs);
    }

    private Heard over(long startNs) throws IOException {
        heard.seconds = (System.nanoTime() - startNs) / 1e9;
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (askers.stream().anyMatch(asker -> !asker.askedNs.isEmpty())) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not everyone was answered; so far " + heard);
            }
            selector.select(key -> read(key, false), 10);
        }
        return heard;
    }

    private void read(SelectionKey key, boolean again) {
        Asker asker = (Asker) key.attachment();
        try {
            buffer.clear();
            if (asker.channel.read(buffer) < 0) {
                throw new IOException("closed by the server");
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                char next = (char) buffer.get();
                if (next != '\n') {
                    asker.line.append(next);
                    continue;
                }
                heard.add(asker.line.toString(), System.nanoTime() - asker.askedNs.poll());
                asker.line.setLength(0);
                if (again) {
                    asker.ask(System.nanoTime());
                }
            }
        } catch (IOException gone) {
            throw new AssertionError("an asker was cut off; so far " + heard, gone);
        }
    }

    @Override
    public void close() throws IOException {
        for (Asker asker : askers) {
            asker.channel.close();
        }
        selector.close();
    }
}
