package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.Loops;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.stage.Metrics;
import io.headrace.tcp.AcceptRate;
import io.headrace.tcp.ConnectionLimit;
import io.headrace.tcp.FirstByteTimeout;
import io.headrace.tcp.Framing;
import io.headrace.tcp.IdleTimeout;
import io.headrace.tcp.MemoryPressure;
import io.headrace.tcp.Tcp;
import io.headrace.tcp.Unix;
import io.headrace.tcp.WriteMarks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What child JVMs serve. Settings that a case chooses are system properties, {@code torture.}something. */
enum Servers implements Serving {
    /** Greets each line by its name, on {@code torture.port} if that is given. */
    LINES {
        @Override
        public Endpoint row(Ground ground) {
            return ground.listen(Integer.getInteger("torture.port", 0))
                    .options(o -> o.backlog(Integer.getInteger("torture.backlog", 1_024)))
                    .with(Framing.lines(1_024))
                    .codec(Codec.utf8())
                    .reply(name -> "Hello, " + name + "!");
        }
    },
    /** The same at the path {@code torture.path}, on Unix sockets; at most {@code torture.each} connections from one peer. */
    UNIX {
        @Override
        public Endpoint row(Ground ground) {
            return Unix.listen(Path.of(System.getProperty("torture.path")))
                    .named(ROW)
                    .loops(ground.loops())
                    .with(Metrics.to(ground.registry()))
                    .with(ConnectionLimit.byDescriptors().perAddress(Integer.getInteger("torture.each", 1_000)))
                    .with(Framing.lines(1_024))
                    .codec(Codec.utf8())
                    .reply(name -> "Hello, " + name + "!");
        }
    },
    /** The same without a bound on connections. */
    UNBOUNDED {
        @Override
        public Endpoint row(Ground ground) {
            return ground.lines().with(ConnectionLimit.off()).reply(name -> "Hello, " + name + "!");
        }
    },
    /** Says 64 KiB to whoever connects, and closes. Beside it {@code answers}, which says a line of 256 KiB to each line. */
    REJECT {
        @Override
        public Endpoint row(Ground ground) {
            return ground.listen().onConnect(connection -> connection.sendAndClose("reject".repeat(10_923)));
        }

        @Override
        public List<Endpoint> others(Ground ground) {
            String answer = "x".repeat(256 << 10);
            return List.of(Tcp.listen(0)
                    .named("answers")
                    .loops(ground.loops())
                    .with(Metrics.to(ground.registry()))
                    .with(Framing.lines(1_024))
                    .codec(Codec.utf8())
                    .reply(line -> answer));
        }
    },
    /** Answers a number after so many milliseconds, {@code never} never. */
    LATER {
        @Override
        public Endpoint row(Ground ground) {
            return ground.lines().replyAsync(line -> {
                CompletableFuture<String> answer = new CompletableFuture<>();
                return line.equals("never")
                        ? answer
                        : answer.completeOnTimeout("done " + line, Long.parseLong(line), TimeUnit.MILLISECONDS);
            });
        }
    },
    /** Ends connections that say nothing for {@code torture.first} ms, and those that say no more for {@code torture.idle} ms. */
    CLOCKS {
        @Override
        public Endpoint row(Ground ground) {
            return ground.lines()
                    .with(FirstByteTimeout.after(Duration.ofMillis(Long.getLong("torture.first", 30_000))))
                    .with(IdleTimeout.after(Duration.ofMillis(Long.getLong("torture.idle", 300_000))))
                    .with(AcceptRate.of(Integer.getInteger("torture.each-hour", 1_000_000), Duration.ofHours(1)))
                    .reply(line -> line);
        }
    },
    /** Logs each line on the event loop, and says it again. */
    CHATTY {
        @Override
        public Endpoint row(Ground ground) {
            Logger log = LoggerFactory.getLogger(Servers.class);
            return ground.lines().reply(line -> {
                log.info("{}", line);
                return line;
            });
        }
    },
    /** On {@code torture.loops} event loops of its own. */
    MANY_LOOPS {
        @Override
        public Endpoint row(Ground ground) {
            Loops many =
                    Loops.auto().threads(Integer.getInteger("torture.loops")).named(Child.THREADS + "-many");
            return ground.lines().loops(many).reply(line -> line);
        }
    },
    /** Under {@link MemoryPressure}; {@code much} is answered with 2 MiB. Ends connections that say no more for {@code torture.idle} ms. */
    PRESSED {
        @Override
        public Endpoint row(Ground ground) {
            String much = "x".repeat(2 << 20);
            return ground.listen()
                    .options(o -> o.sendBufferBytes(16_384))
                    .with(Framing.lines(1_024))
                    .codec(Codec.utf8())
                    .with(MemoryPressure.shared())
                    .with(IdleTimeout.after(Duration.ofMillis(Long.getLong("torture.idle"))))
                    .with(WriteMarks.of(32_768, 65_536).cap(8 << 20))
                    .reply(line -> line.equals("much") ? much : line);
        }
    },
    /** Takes frames of up to 16 MiB. */
    BIG_FRAMES {
        @Override
        public Endpoint row(Ground ground) {
            return ground.listen()
                    .with(Framing.lengthPrefixed(4, 16 << 20))
                    .reply(frame -> String.valueOf(frame.readableBytes()));
        }
    },
    /** Writes each line to {@code torture.file}, then says {@code ok} and the line. */
    STORE {
        @Override
        public Endpoint row(Ground ground) {
            Path file = Path.of(System.getProperty("torture.file"));
            return ground.listen(Integer.getInteger("torture.port"))
                    .with(Framing.lines(1_024))
                    .codec(Codec.utf8())
                    .reply(line -> {
                        append(file, line);
                        return "ok " + line;
                    });
        }
    },
    /** Says lines again, to whoever reaches this machine. */
    EVERYWHERE {
        @Override
        public Endpoint row(Ground ground) {
            return Tcp.listen("0.0.0.0", 0)
                    .named(ROW)
                    .loops(ground.loops())
                    .with(Metrics.to(ground.registry()))
                    .with(Framing.lines(1_024))
                    .reply(line -> line);
        }
    },
    /** A line {@code heap} makes it allocate all the heap there is. */
    GREEDY {
        @Override
        public Endpoint row(Ground ground) {
            return ground.lines().reply(line -> {
                List<byte[]> all = new ArrayList<>();
                while (line.equals("heap")) {
                    all.add(new byte[1 << 20]);
                }
                return line;
            });
        }
    },
    /** Everything about it is wrong. */
    BAD_VALUES {
        @Override
        public Endpoint row(Ground ground) {
            return ground.listen(70_000)
                    .options(o -> o.backlog(0))
                    .with(IdleTimeout.after(Duration.ZERO))
                    .with(Framing.lines(0))
                    .with(Stage.netty(Slot.FRAMING, " ", () -> null))
                    .reply(bytes -> bytes);
        }
    },
    /** At {@code torture.host}. */
    ELSEWHERE {
        @Override
        public Endpoint row(Ground ground) {
            return Tcp.listen(System.getProperty("torture.host"), 7_000)
                    .named(ROW)
                    .loops(ground.loops())
                    .reply(bytes -> bytes);
        }
    };

    private static synchronized void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }
}
