package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class PacerTest {

    @Test
    void turningWithoutWorkIsNotBeingBusy() {
        try (Served server = Served.tcp(Served::echo)) {
            // A request is due every 50 us: the loop never sleeps.
            Report report = Loading.report("rate -R 20000 -c 20 -d 1s", server);

            assertThat(report.pace().busy()).isPositive().isLessThan(0.9);
            assertThat(report.total().count(Count.SENT) + report.total().count(Count.UNSENT))
                    .isEqualTo(report.pace().paced());
            assertThat(report.pace().expected()).isEqualTo(20_000);
        }
    }

    @Test
    void loopThatWasAwayIsToBlameEvenWhereConnectionsWereTakenMeanwhile() {
        try (Served server = Served.tcp(Served::echo)) {
            Flow.Kind flows = (lane, index) -> {
                if (index == 0) {
                    lane.loop().schedule(PacerTest::beAway, 500, TimeUnit.MILLISECONDS);
                }
                return new OpenFlow(lane, index);
            };
            Plan plan = Plans.rate(flows, "1000", "-c 5 -d 2s --warmup 0s", server);

            Report report = new Run(plan, interval -> {}).go();

            assertThat(report.total().histogram(Timing.SEND_LAG).getValueAtPercentile(99))
                    .isGreaterThan(100_000_000);
            assertThat(Verdict.of(report).reasons()).anyMatch(reason -> reason.startsWith("requests were sent late"));
        }
    }

    /** As a loop that the system stops, or that collects garbage. */
    private static void beAway() {
        long untilNs = System.nanoTime() + 300_000_000;
        for (long leftNs; (leftNs = untilNs - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(leftNs);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void threadsOfLoopsAreWokenExactly() {
        String slack = CompletableFuture.supplyAsync(PacerTest::slackOfAnAlarm, command -> new Thread(command).start())
                .join();

        assertThat(slack).isEqualTo("1");
    }

    private static String slackOfAnAlarm() {
        Alarm.wakeExactly();
        try {
            Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
            return Files.readString(Path.of("/proc/" + thread + "/timerslack_ns"))
                    .trim();
        } catch (IOException cannot) {
            throw new AssertionError(cannot);
        }
    }
}
