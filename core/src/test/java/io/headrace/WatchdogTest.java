package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {
    private final LogCapture log = LogCapture.of(Loops.class);
    private final CountDownLatch firstBlock = new CountDownLatch(1);
    private final CountDownLatch secondBlock = new CountDownLatch(1);
    private Loops loops;
    private Loop loop;

    @BeforeEach
    void startLoop() {
        start(Duration.ofMillis(50));
    }

    private void start(Duration reportBlockedAfter) {
        loops = Loops.of(Loops.Backend.NIO).threads(1).named("watched").reportBlockedAfter(reportBlockedAfter);
        loop = loops.acquire().loops().get(0);
    }

    @AfterEach
    void stopLoop() {
        firstBlock.countDown();
        secondBlock.countDown();
        loops.release();
        log.close();
    }

    private void blockUntil(CountDownLatch released) {
        loop.eventLoop().execute(() -> sitStill(released));
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
        blockUntil(firstBlock);
        await().until(() -> reports().size() == 1);
        assertThat(reports().get(0))
                .startsWith("event loop watched-1 has been blocked for ")
                .contains("code that blocks belongs on workers or in converse");
    }

    @Test
    void aBlockedLoopIsReportedOnce() {
        blockUntil(firstBlock);
        await().until(() -> reports().size() == 1);
        await().during(Duration.ofMillis(300))
                .atMost(Duration.ofSeconds(5))
                .until(() -> reports().size() == 1);
    }

    @Test
    void aLoopThatBlocksAgainIsReportedAgain() {
        blockUntil(firstBlock);
        await().until(() -> reports().size() == 1);
        firstBlock.countDown();
        blockUntil(secondBlock);
        await().until(() -> reports().size() == 2);
    }

    @Test
    void aLoopWithNothingToDoIsNotReported() {
        loops.release();
        start(Duration.ofMillis(500));
        await().during(Duration.ofMillis(1_200))
                .atMost(Duration.ofSeconds(10))
                .until(() -> log.warnings().isEmpty());
    }
}
