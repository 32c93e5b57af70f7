package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.headrace.AcceptError;
import io.headrace.Application;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.OpenEndpoint;
import io.headrace.Watch;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.Errors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What accepting fails of, and who may take it up again. */
class AcceptErrorsTest {

    static Stream<Arguments> errors() {
        return Stream.of(
                // The JDK's words.
                arguments(new IOException("Too many open files"), AcceptError.EMFILE),
                arguments(new IOException("Too many open files in system"), AcceptError.ENFILE),
                arguments(new IOException("Cannot allocate memory"), AcceptError.MEMORY),
                arguments(new IOException("No buffer space available"), AcceptError.MEMORY),
                arguments(new IOException("Software caused connection abort"), AcceptError.ABORTED),
                arguments(new IOException(), AcceptError.OTHER),
                arguments(new OutOfMemoryError("direct"), AcceptError.MEMORY),
                arguments(new IllegalStateException("a bug"), AcceptError.OTHER));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void eachIsJudged(Throwable cause, AcceptError error) {
        assertThat(AcceptErrors.judge(cause)).isEqualTo(error);
    }

    @Test
    void nativeErrorsAreJudgedByTheirNumber() {
        Assumptions.assumeTrue(Backend.EPOLL.available());
        assertThat(List.of(-24, -23, -12, -105, -103, -71, -1).stream()
                        .map(number -> AcceptErrors.judge(Errors.newIOException("accept", number))))
                .containsExactly(
                        AcceptError.EMFILE,
                        AcceptError.ENFILE,
                        AcceptError.MEMORY,
                        AcceptError.MEMORY,
                        AcceptError.ABORTED,
                        AcceptError.ABORTED,
                        AcceptError.OTHER);
    }

    @Test
    void acceptingIsTakenUpAgainWhenNobodyHoldsIt() {
        EmbeddedChannel server = new EmbeddedChannel();
        AcceptHold hold = new AcceptHold(server);
        assertThat(server.config().isAutoRead()).isFalse();
        hold.letGo(AcceptHold.STARTING);
        assertThat(server.config().isAutoRead()).isTrue();

        hold.hold(AcceptHold.BACKOFF);
        hold.hold(AcceptHold.WAITING);
        hold.letGo(AcceptHold.BACKOFF);
        hold.letGo(AcceptHold.STARTING);
        assertThat(server.config().isAutoRead()).isFalse();
        hold.letGo(AcceptHold.WAITING);
        assertThat(server.config().isAutoRead()).isTrue();
        server.finish();
    }

    @Test
    void itRestsForLongerAndLongerUntilSomebodyComes() {
        EmbeddedChannel server = new EmbeddedChannel();
        server.freezeTime();
        AcceptHold hold = new AcceptHold(server);
        hold.letGo(AcceptHold.STARTING);
        List<AcceptError> counted = new ArrayList<>();
        Watch watch = new Watch() {
            @Override
            public void acceptFailed(AcceptError error) {
                counted.add(error);
            }
        };
        OpenEndpoint endpoint = Medium.plan(Medium.IN_MEMORY.listening())
                .loops(Loops.of(Backend.NIO).threads(1))
                .open(Application.consume(message -> {}));
        AcceptErrors errors = new AcceptErrors(server.eventLoop(), watch, endpoint.reports(), hold);
        IOException none = new IOException("Too many open files");

        for (int restMs : new int[] {5, 10, 20, 40, 80, 160, 320, 640, 1_000, 1_000}) {
            rests(server, errors, none, restMs);
        }
        errors.accepted();
        rests(server, errors, new IOException("Software caused connection abort"), 5);
        rests(server, errors, none, 5);
        rests(server, errors, none, 10);
        assertThat(counted).hasSize(13).containsOnly(AcceptError.EMFILE, AcceptError.ABORTED);
        endpoint.close();
        server.finish();
    }

    @Test
    void whenItStopsItNeverRestsForLong() {
        EmbeddedChannel server = new EmbeddedChannel();
        server.freezeTime();
        AcceptHold hold = new AcceptHold(server);
        hold.letGo(AcceptHold.STARTING);
        OpenEndpoint endpoint = Medium.plan(Medium.IN_MEMORY.listening())
                .loops(Loops.of(Backend.NIO).threads(1))
                .open(Application.consume(message -> {}));
        AcceptErrors errors = new AcceptErrors(server.eventLoop(), new Watch() {}, endpoint.reports(), hold);
        IOException none = new IOException("Too many open files");

        for (int restMs : new int[] {5, 10, 20}) {
            rests(server, errors, none, restMs);
        }
        errors.failed(none);
        assertThat(server.config().isAutoRead()).isFalse();
        errors.stopping();
        assertThat(server.config().isAutoRead()).isTrue();
        server.advanceTimeBy(1, TimeUnit.SECONDS);
        server.runScheduledPendingTasks();
        rests(server, errors, none, 5);
        rests(server, errors, none, 5);
        endpoint.close();
        server.finish();
    }

    private static void rests(EmbeddedChannel server, AcceptErrors errors, IOException failure, int restMs) {
        errors.failed(failure);
        server.advanceTimeBy(restMs * 1_000_000L - 1, TimeUnit.NANOSECONDS);
        server.runScheduledPendingTasks();
        assertThat(server.config().isAutoRead()).isFalse();
        server.advanceTimeBy(1, TimeUnit.NANOSECONDS);
        server.runScheduledPendingTasks();
        assertThat(server.config().isAutoRead()).isTrue();
    }

    @Test
    void aTenthOfTheDescriptorsIsKeptForOtherThings() {
        assertThat(DescriptorLimit.headroom(256)).isEqualTo(64);
        assertThat(DescriptorLimit.headroom(20_000)).isEqualTo(2_000);
    }
}
