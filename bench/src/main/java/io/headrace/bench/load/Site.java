package io.headrace.bench.load;

import io.headrace.bench.Versions;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.util.Version;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** What a report says about itself: the command, what it was made with and on. Numbers without it are hearsay. */
final class Site {
    /** Looked up once: git is a process of its own. */
    private static final String HEADRACE = Versions.own();

    private Site() {}

    static Map<String, Object> about(Plan plan) {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("command", plan.command());
        about.put("mode", plan.mode());
        about.put("targets", plan.destinations().stream().map(Object::toString).toList());
        about.put("connections", plan.connections());
        about.put("threads", plan.threads());
        about.put("transport", plan.backend().toString());
        about.put("size", plan.message() == MessageOptions.Choice.NONE.bytes() ? 0 : plan.message().length);
        about.put("window", plan.window());
        about.put("rate", plan.rate());
        about.put("warmup", Units.time(plan.warmupNs()));
        about.put("duration", Units.time(plan.durationNs()));
        about.put("interval", Units.time(plan.intervalNs()));
        about.put("timeout", Units.time(plan.timeoutNs()));
        about.put("shard", plan.shard().toString());
        about.put("slo", plan.gates());
        if (plan.tls() != null) {
            about.put("tls", provider(plan.tls()));
        }
        about.putAll(machineAndVersions());
        return about;
    }

    static Map<String, Object> machineAndVersions() {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("machine", machine());
        about.put("kernel", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
        about.put("jdk", property("java.vm.name") + " " + property("java.runtime.version"));
        about.put("flags", String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
        about.put("headrace", HEADRACE);
        about.put("hdrhistogram", Versions.of(Histogram.class, "org.hdrhistogram/HdrHistogram"));
        about.put(
                "netty",
                Optional.ofNullable(Version.identify().get("netty-common"))
                        .map(Version::artifactVersion)
                        .orElse("unknown"));
        return about;
    }

    /** Who does TLS. */
    static String provider(SslContext tls) {
        if (tls instanceof JdkSslContext jdk) {
            return jdk.context().getProvider().getName() + " "
                    + jdk.context().getProvider().getVersionStr();
        }
        return OpenSsl.versionString();
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    private static String machine() {
        int cores = Runtime.getRuntime().availableProcessors();
        return host() + ", " + cores + (cores == 1 ? " core" : " cores") + processor();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unknown) {
            return "unknown host";
        }
    }

    /** As Linux names it. */
    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> ", " + line.substring(line.indexOf(':') + 1).trim())
                    .orElse("");
        } catch (IOException elsewhere) {
            return "";
        }
    }
}
