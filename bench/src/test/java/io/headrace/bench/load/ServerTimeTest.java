package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server's process uses of the processors. */
class ServerTimeTest {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long BUSY_NS = Duration.ofMillis(200).toNanos();

    @BeforeEach
    void needsLinux() {
        assumeTrue(Files.exists(Path.of("/proc/self/schedstat")), "no schedstat here");
    }

    private static void beBusy() {
        while (THREADS.getCurrentThreadCpuTime() < BUSY_NS) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aThreadThatEndsMeanwhileCounts() throws Exception {
        ServerTime time = new ServerTime(ProcessHandle.current().pid());
        time.begin();
        Thread busy = new Thread(ServerTimeTest::beBusy);
        busy.start();
        busy.join();
        time.end();
        assertThat(time.ns()).isGreaterThanOrEqualTo(BUSY_NS * 9 / 10);
    }

    @Test
    void whatWasUsedBeforeDoesNotCount() throws Exception {
        ServerTime time = new ServerTime(ProcessHandle.current().pid());
        Thread busy = new Thread(ServerTimeTest::beBusy);
        busy.start();
        busy.join();
        time.begin();
        time.end();
        assertThat(time.ns()).isLessThan(BUSY_NS / 2);
    }
}
