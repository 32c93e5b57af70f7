package io.headrace.torture;

import io.headrace.Drain;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Shutdown;
import io.headrace.tcp.Tcp;
import io.netty.util.LeakPresenceDetector;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The program of a child JVM: serves one of {@link Servers} and answers questions on standard input, each with lines and then a dot. It ends
 * when its standard input does, so that it never outlives the tests.
 */
final class Child {
    static final String THREADS = "child";

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private Child() {}

    public static void main(String[] arguments) throws Exception {
        loadClasses();
        Ground ground = new Ground(Backend.valueOf(arguments[1]), THREADS);
        int before = Proc.descriptors(DESCRIPTORS);
        Server server;
        try {
            server = Server.start(ground.endpoints(Servers.valueOf(arguments[0])));
        } catch (RuntimeException | OutOfMemoryError cannotStart) {
            System.err.println(cannotStart.getMessage());
            System.err.println(left(before));
            System.exit(1);
            return;
        }
        Shutdown.hook(
                Drain.within(Duration.ofMillis(Long.getLong("torture.grace", 5_000)))
                        .after(Duration.ofMillis(Long.getLong("torture.delay", 0))),
                server);
        Instruments instruments = new Instruments(server, ground);
        System.out.println("started");
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in));
        for (String question; (question = questions.readLine()) != null; ) {
            String[] words = question.split(" ");
            try {
                answer(words, instruments, server).forEach(System.out::println);
            } catch (Throwable cannotSay) {
                cannotSay.printStackTrace();
                Runtime.getRuntime().halt(4); // Or whoever asked would wait for ever.
            }
            System.out.println(".");
        }
        Runtime.getRuntime().halt(3);
    }

    /** What a start that failed has left behind. */
    private static String left(int descriptorsBefore) throws InterruptedException {
        int threads = 0;
        int descriptors = 0;
        for (int i = 0; i < 100; i++) { // Loops that are told to end take a moment.
            threads = Instruments.threads(THREADS + "-").size();
            descriptors = Proc.descriptors(DESCRIPTORS) - descriptorsBefore;
            if (threads == 0 && descriptors <= 0) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return "left: " + threads + " threads, " + descriptors + " descriptors; open are " + Proc.kinds(DESCRIPTORS);
    }

    /** Now, while there are descriptors: in the build classes lie in folders, and loading one opens a file. */
    private static void loadClasses() throws Exception {
        for (Class<?> known : List.of(Server.class, Tcp.class)) {
            Path place = Path.of(
                    known.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) {
                try (Stream<Path> files = Files.walk(place)) {
                    for (Path file : files.filter(each -> each.toString().endsWith(".class"))
                            .toList()) {
                        String name = place.relativize(file).toString();
                        Class.forName(name.substring(0, name.length() - ".class".length())
                                .replace('/', '.'));
                    }
                }
            }
        }
    }

    private static List<String> answer(String[] words, Instruments instruments, Server server) throws Exception {
        return switch (words[0]) {
            case "hold" -> {
                Held.HOARD.hold(Integer.parseInt(words[1]));
                yield List.of();
            }
            case "time" -> List.of(String.valueOf(System.currentTimeMillis()));
            case "port" -> List.of(String.valueOf(instruments.port(words[1])));
            case "ready" -> List.of(String.valueOf(server.ready()));
            case "probe" -> List.of(String.valueOf(instruments.probeNs()));
            case "threads" -> Instruments.threads("");
            case "direct" -> {
                System.gc(); // What nobody holds any more is not what is looked for.
                yield List.of(String.valueOf(instruments.directBytes()));
            }
            case "heap" -> {
                System.gc();
                yield List.of(String.valueOf(
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()));
            }
            case "cpu" -> List.of(String.valueOf(instruments.cpuNs(THREADS + "-")));
            case "meters" -> meters(instruments.meters());
            case "stop" -> stopped(server);
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private static final class Held {
        private static final Hoard HOARD = new Hoard();
    }

    private static List<String> meters(Map<String, Double> meters) {
        List<String> lines = new ArrayList<>();
        meters.forEach((key, value) -> lines.add(key + " " + value));
        return lines;
    }

    /** What is left when it has stopped. */
    private static List<String> stopped(Server server) throws Exception {
        server.stop(Duration.ofSeconds(2)).get(20, TimeUnit.SECONDS);
        long patienceNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!Instruments.threads(THREADS + "-").isEmpty() && System.nanoTime() < patienceNs) {
            Thread.onSpinWait(); // Told to end, but not yet gone.
        }
        List<String> left = new ArrayList<>(Instruments.threads(THREADS + "-"));
        try {
            LeakPresenceDetector.check();
        } catch (IllegalStateException leak) {
            left.add(leak.getMessage().lines().findFirst().orElse("a leak"));
        }
        return left;
    }
}
