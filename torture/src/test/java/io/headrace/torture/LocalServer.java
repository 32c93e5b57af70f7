package io.headrace.torture;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.LoggerFactory;

/** A server in this JVM. One at a time: its log is that of all Headrace. */
final class LocalServer implements Subject {
    private static final AtomicInteger SERVERS = new AtomicInteger();

    private final String threads;
    private final Log log = new Log();
    private final Server server;
    private final Instruments instruments;

    private LocalServer(Serving serving, Backend backend) {
        threads = "torture-" + SERVERS.incrementAndGet();
        Ground ground = new Ground(backend, threads);
        log.attach();
        try {
            server = Server.start(ground.endpoints(serving));
        } catch (Throwable failure) {
            log.detach();
            throw failure;
        }
        instruments = new Instruments(server, ground);
    }

    static LocalServer start(Serving serving, Backend backend) {
        return new LocalServer(serving, backend);
    }

    Server server() {
        return server;
    }

    /** Every value of every meter, as a registry that publishes them reads it. */
    void scrape() {
        instruments.scrape();
    }

    int meterCount() {
        return instruments.meterCount();
    }

    @Override
    public int port(String endpoint) {
        return instruments.port(endpoint);
    }

    @Override
    public boolean alive() {
        return server.state() == Server.State.RUNNING;
    }

    @Override
    public long probeNs() {
        return instruments.probeNs();
    }

    @Override
    public Path descriptorFolder() {
        return Path.of("/proc/self/fd");
    }

    @Override
    public List<String> threads() {
        List<String> all = new ArrayList<>(Instruments.threads(threads + "-"));
        all.addAll(Instruments.threads("headrace-")); // Of no loop, as who stops it.
        return all;
    }

    @Override
    public long directBytes() {
        return instruments.directBytes();
    }

    @Override
    public long loopCpuNs() {
        return instruments.cpuNs(threads + "-");
    }

    @Override
    public List<Path> loopWaits() {
        return Proc.waits(ProcessHandle.current().pid(), threads + "-");
    }

    @Override
    public Map<String, Double> meters() {
        return instruments.meters();
    }

    @Override
    public List<LogLine> log() {
        return List.copyOf(log.lines);
    }

    @Override
    public String stop() {
        server.stop(Duration.ofSeconds(2)).orTimeout(20, TimeUnit.SECONDS).join();
        return ""; // What is left is LeakExtension's to say.
    }

    @Override
    public void close() {
        try {
            stop();
        } finally {
            log.detach();
        }
    }

    /** Keeps what Headrace says off the console. */
    private static final class Log extends AppenderBase<ILoggingEvent> {
        private final Logger logger = (Logger) LoggerFactory.getLogger("io.headrace");
        private final List<LogLine> lines = new CopyOnWriteArrayList<>();

        void attach() {
            start();
            logger.setLevel(Level.INFO);
            logger.setAdditive(false);
            logger.addAppender(this);
        }

        void detach() {
            logger.detachAppender(this);
            logger.setAdditive(true);
            logger.setLevel(null);
            stop();
        }

        @Override
        protected void append(ILoggingEvent event) {
            boolean stack = event.getThrowableProxy() != null;
            lines.add(
                    new LogLine(event.getTimeStamp(), event.getLevel().toString(), event.getFormattedMessage(), stack));
        }
    }
}
