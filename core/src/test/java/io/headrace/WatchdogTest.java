package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {
    private final LogCapture log = LogCapture.of(Loops.class);
    private final Loops loops =
            Loops.of(Loops.Backend.NIO).threads(1).named("watched").reportBlockedAfter(Duration.ofMillis(50));
    private final Loop loop = loops.acquire().loops().get(0);
    private CountDownLatch release;

    @AfterEach
    void stopLoop() {
        loops.release();
        log.close();
    }

    private void block() {
        release = new CountDownLatch(1);
        CountDownLatch blocked = release;
        loop.eventLoop().execute(() -> sitStill(blocked));
    }

    private static void sitStill(CountDownLatch until) {
        try {
            until.await();
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }

    private void awaitReports(int count) {
        await().until(() -> log.warnings().size() == count);
    }

    @Test
    void aBlockedLoopIsReportedWithItsStack() {
        block();
        awaitReports(1);
        release.countDown();
        assertThat(log.warnings().get(0))
                .startsWith("event loop watched-1 has been blocked for ")
                .contains("code that blocks belongs on workers or in converse")
                .contains("WatchdogTest.sitStill");
    }

    @Test
    void aBlockedLoopIsReportedOnce() {
        block();
        awaitReports(1);
        await().during(Duration.ofMillis(300))
                .atMost(Duration.ofSeconds(5))
                .until(() -> log.warnings().size() == 1);
        release.countDown();
    }

    @Test
    void aLoopThatBlocksAgainIsReportedAgain() {
        block();
        awaitReports(1);
        release.countDown();
        block();
        awaitReports(2);
        release.countDown();
    }

    @Test
    void aLoopThatWorksIsNotReported() {
        await().during(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(5))
                .until(() -> log.warnings().isEmpty());
    }
}
