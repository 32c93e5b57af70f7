package io.headrace.torture;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Twenty connections at fifty lines a second each, which must see no error while a case runs.
 *
 * <p>How much a case slows them down is a ratio, never a time. On a machine with other work a ratio to what was measured before says little,
 * so twenty more connections, served by the same thread here, talk to a {@link ControlEcho} that nobody attacks: a delay that they see as well at
 * that time is not the server's. Nor is the time that the server's loops were ready to run and had no processor, which the kernel tells.
 */
final class Bystanders implements AutoCloseable {
    static final int CONNECTIONS = 20;

    private static final long BETWEEN_NS = TimeUnit.MILLISECONDS.toNanos(20) / CONNECTIONS;
    private static final int MAX_OPEN = 10_000;

    private final List<Talker> talkers = new ArrayList<>();
    private final List<Talker> controls = new ArrayList<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final Selector selector = Selector.open();
    private final Thread thread = new Thread(this::run, "bystanders");
    private final List<Path> serverWaits;
    private volatile boolean sending = true;
    private volatile boolean closed;
    private volatile Latencies latencies = new Latencies(0);
    private volatile Latencies control = new Latencies(0);

    private Bystanders(int port, List<Path> serverWaits) throws IOException {
        this.serverWaits = serverWaits;
        for (int i = 0; i < CONNECTIONS; i++) {
            talkers.add(new Talker(port, false));
            controls.add(new Talker(ControlEcho.port(), true));
        }
        thread.setDaemon(true);
    }

    /** {@code serverWaits}: where to read how long the server has waited for a processor. */
    static Bystanders of(int port, List<Path> serverWaits) throws IOException {
        Bystanders bystanders = new Bystanders(port, serverWaits);
        bystanders.thread.start();
        return bystanders;
    }

    /** Begins a new measurement; gives the one that ends: of the server, of the control. */
    Latencies[] cut() {
        Latencies[] ended = {latencies, control};
        long waitedNs = Proc.waitedNs(serverWaits);
        ended[0].windowEnds(waitedNs);
        ended[1].windowEnds(0);
        latencies = new Latencies(waitedNs);
        control = new Latencies(0);
        return ended;
    }

    /** How many answers the running measurement has. */
    int answers() {
        return latencies.count();
    }

    /** Waits until the running measurement has so many answers more. */
    void measure(int answers) throws InterruptedException {
        Latencies running = latencies;
        running.await(running.count() + answers);
    }

    /** Waits until everyone has had an answer, a minute at most: from then on each is accepted and counted, and so are the controls. */
    void awaitEveryone() throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (errors.isEmpty() && !everyoneHasHeard() && System.nanoTime() < deadlineNs) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private boolean everyoneHasHeard() {
        return Stream.concat(talkers.stream(), controls.stream()).allMatch(talker -> talker.heard > 0);
    }

    /** Sends no more, and waits for what is still to be answered. */
    List<String> errorsAtTheEnd() throws InterruptedException {
        sending = false;
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (errors.isEmpty() && talkers.stream().anyMatch(talker -> talker.open > 0)) {
            if (System.nanoTime() > deadlineNs) {
                errors.add("no answer to "
                        + talkers.stream().mapToInt(talker -> talker.open).sum() + " lines in 10 s");
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return List.copyOf(errors);
    }

    private void run() {
        long startNs = System.nanoTime();
        long turn = 0;
        long windowEndNs = startNs;
        try {
            while (!closed) {
                if (System.nanoTime() - windowEndNs >= 0) {
                    windowEndNs = System.nanoTime() + Latencies.WINDOW_NS;
                    latencies.windowEnds(Proc.waitedNs(serverWaits));
                    control.windowEnds(0);
                }
                long dueNs = startNs + turn * BETWEEN_NS;
                long waitNs = dueNs - System.nanoTime();
                if (waitNs > 0) {
                    selector.select(key -> ((Talker) key.attachment()).read(), Math.max(1, waitNs / 1_000_000));
                    continue;
                }
                selector.selectNow(key -> ((Talker) key.attachment()).read());
                if (sending) {
                    int index = (int) (turn % CONNECTIONS);
                    talkers.get(index).say();
                    controls.get(index).say();
                }
                turn++;
            }
        } catch (IOException | RuntimeException fault) {
            errors.add(fault.toString());
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        for (Talker talker : talkers) {
            talker.channel.close();
        }
        for (Talker talker : controls) {
            talker.channel.close();
        }
        selector.close();
    }

    /** One connection: the lines that are not answered yet, in order. */
    private final class Talker {
        private final SocketChannel channel;
        private final boolean isControl;
        private final ArrayDeque<Long> sentNs = new ArrayDeque<>();
        private final ByteBuffer in = ByteBuffer.allocate(4_096);
        private long said;
        private volatile long heard;
        private long number;
        private volatile int open;
        private boolean broken;

        Talker(int port, boolean isControl) throws IOException {
            this.isControl = isControl;
            channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
            channel.socket().setTcpNoDelay(true);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
        }

        void say() {
            if (broken) {
                return;
            }
            if (sentNs.size() >= MAX_OPEN) {
                broken(MAX_OPEN + " lines without an answer");
                return;
            }
            try {
                sentNs.add(System.nanoTime());
                open = sentNs.size();
                ByteBuffer line = ByteBuffer.wrap((said++ + "\n").getBytes(US_ASCII));
                while (line.hasRemaining()) {
                    channel.write(line);
                }
            } catch (IOException refused) {
                broken(refused.toString());
            }
        }

        void read() {
            try {
                while (!broken) {
                    in.clear();
                    int count = channel.read(in);
                    if (count == 0) {
                        return;
                    }
                    if (count < 0) {
                        broken("closed by the server");
                    }
                    in.flip();
                    while (in.hasRemaining()) {
                        hear(in.get());
                    }
                }
            } catch (IOException reset) {
                broken(reset.toString());
            }
        }

        private void hear(byte next) {
            if (next != '\n') {
                number = 10 * number + next - '0';
            } else if (number != heard || sentNs.isEmpty()) {
                broken("heard " + number + " in place of " + heard);
            } else {
                heard++;
                number = 0;
                long tookNs = System.nanoTime() - sentNs.poll();
                open = sentNs.size();
                (isControl ? control : latencies).add(tookNs);
            }
        }

        private void broken(String why) {
            broken = true;
            open = 0;
            if (!closed) {
                errors.add((isControl ? "control: " : "") + why);
            }
        }
    }
}
