package io.headrace.bench;

import io.headrace.Finding;
import io.headrace.Finding.Level;
import io.headrace.Findings;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Machine;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What this machine and this JVM bring to a run or a load test. */
final class MachineFindings {
    private static final int DEFAULT_BACKLOG = 1_024;
    private static final int FEW_DESCRIPTORS = 4_096;
    private static final int FEW_PORTS = 10_000;
    private static final long MEBIBYTE = 1_024 * 1_024;

    private final List<Finding> findings = new ArrayList<>();

    static Findings all() {
        MachineFindings machine = new MachineFindings();
        machine.java();
        machine.backends();
        machine.processors();
        machine.memory();
        machine.descriptors();
        machine.ports();
        machine.queues();
        machine.buffers();
        return new Findings("this machine", machine.findings);
    }

    private void ok(String setting, Object found) {
        findings.add(new Finding(Level.OK, setting, String.valueOf(found), ""));
    }

    private void advise(boolean ok, String setting, Object found, String expected) {
        findings.add(new Finding(ok ? Level.OK : Level.WARN, setting, String.valueOf(found), ok ? "" : expected));
    }

    private void java() {
        ok("kernel", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
        ok("java", property("java.runtime.version") + ", " + property("java.vm.name"));
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    private void backends() {
        Loops auto = Loops.auto();
        for (String line : auto.explain()) {
            int colon = line.indexOf(": ");
            boolean slow = line.startsWith(Backend.NIO + ": chosen");
            advise(!slow, line.substring(0, colon), line.substring(colon + 2), "a native transport: epoll, kqueue");
        }
    }

    private void processors() {
        int processors = Runtime.getRuntime().availableProcessors();
        ok(
                "processors",
                processors
                        + Machine.processorQuota()
                                .map(quota -> ", of which the control group grants " + quota)
                                .orElse(", no control group limits them"));
    }

    private void memory() {
        ok("heap", "at most " + Runtime.getRuntime().maxMemory() / MEBIBYTE + " MiB");
        ok("direct memory", "at most " + PlatformDependent.maxDirectMemory() / MEBIBYTE + " MiB");
    }

    private void descriptors() {
        OptionalLong limit = Machine.descriptorLimit();
        if (limit.isPresent()) {
            advise(
                    limit.getAsLong() >= FEW_DESCRIPTORS,
                    "descriptors",
                    limit.getAsLong() + ", of which "
                            + Machine.openDescriptors().orElse(0) + " are open",
                    "one for each connection; ulimit -n 65536");
        }
        number("fs.nr_open");
        number("fs.file-max");
    }

    private void ports() {
        Machine.setting("net.ipv4.ip_local_port_range")
                .filter(range -> range.matches("\\d+ \\d+"))
                .ifPresent(range -> {
                    String[] ends = range.split(" ");
                    int ports = Integer.parseInt(ends[1]) - Integer.parseInt(ends[0]) + 1;
                    advise(
                            ports >= FEW_PORTS,
                            "local ports",
                            ends[0] + " to " + ends[1] + ", that is " + ports
                                    + " connections from one address to one server",
                            "more; sysctl -w net.ipv4.ip_local_port_range='1024 65535'");
                });
    }

    private void queues() {
        for (String queue : List.of("net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog")) {
            Machine.number(queue)
                    .ifPresent(most -> advise(
                            most >= DEFAULT_BACKLOG,
                            queue,
                            most,
                            ">= " + DEFAULT_BACKLOG + ", the default backlog; sysctl -w " + queue + "="
                                    + DEFAULT_BACKLOG));
        }
    }

    private void buffers() {
        number("net.core.rmem_max");
        number("net.core.wmem_max");
        Machine.setting("net.ipv4.tcp_rmem").ifPresent(bytes -> ok("net.ipv4.tcp_rmem", bytes));
        Machine.setting("net.ipv4.tcp_wmem").ifPresent(bytes -> ok("net.ipv4.tcp_wmem", bytes));
    }

    private void number(String setting) {
        Machine.number(setting).ifPresent(value -> ok(setting, value));
    }
}
