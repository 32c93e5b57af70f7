package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {
    private final LogCapture log = LogCapture.of(Loops.class);
    private final List<CountDownLatch> blocks = new ArrayList<>();
    private Loops loops;
    private Loop loop;

    @BeforeEach
    void startLoop() {
        start("watched", Duration.ofMillis(50));
    }

    private void start(String name, Duration reportBlockedAfter) {
        loops = Loops.of(Loops.Backend.NIO).threads(1).named(name).reportBlockedAfter(reportBlockedAfter);
        loop = loops.acquire().loops().get(0);
    }

    @AfterEach
    void stopLoop() {
        blocks.forEach(CountDownLatch::countDown);
        loops.release();
        log.close();
    }

    /** Blocks the loop and returns, when that is reported, what lets it go on. */
    private CountDownLatch block() {
        while (true) {
            int before = reports().size();
            int said = log.warnings().size();
            CountDownLatch released = new CountDownLatch(1);
            blocks.add(released);
            loop.eventLoop().execute(() -> sitStill(released));
            await().until(() -> log.warnings().size() > said);
            if (reports().size() > before) {
                return released;
            }
            released.countDown(); // It had no processor before it sat still, and that was its report.
        }
    }

    private static void sitStill(CountDownLatch until) {
        try {
            until.await();
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }

    /** Of our blocks; a busy machine may well let a loop wait for 50 ms without any. */
    private List<String> reports() {
        return log.warnings().stream()
                .filter(line -> line.contains("WatchdogTest.sitStill"))
                .toList();
    }

    @Test
    void aBlockedLoopIsReportedWithItsStack() {
        block();
        assertThat(reports().get(0))
                .startsWith("event loop watched-1 has been blocked for ")
                .contains("code that blocks belongs on workers or in converse");
    }

    @Test
    void aBlockedLoopIsReportedOnce() {
        block();
        await().during(Duration.ofMillis(300))
                .atMost(Duration.ofSeconds(30))
                .until(() -> reports().size() == 1);
    }

    @Test
    void aLoopThatBlocksAgainIsReportedAgain() {
        block().countDown();
        block();
        assertThat(reports()).hasSize(2);
    }

    @Test
    void aLoopWithNothingToDoIsNotReported() {
        loops.release();
        start("idle", Duration.ofMillis(500));
        await().during(Duration.ofMillis(1_200))
                .atMost(Duration.ofSeconds(30))
                .until(() -> log.warnings().stream().noneMatch(line -> line.contains("idle-1")));
    }
}
