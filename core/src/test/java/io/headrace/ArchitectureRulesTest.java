package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule can fail. */
class ArchitectureRulesTest {

    public static class Open {}

    static final class OrderManager {}

    interface BadOptions {
        List<ByteBuf> buffers();
    }

    static final class Nanos {
        long now() {
            return System.nanoTime();
        }
    }

    static final class NanosByReference {
        LongSupplier now() {
            return System::nanoTime;
        }
    }

    static final class WallClock {
        Instant now() {
            return Instant.now();
        }
    }

    static final class Forks {
        Thread fork() {
            return new Thread(() -> {});
        }
    }

    static final class Pools {
        ExecutorService pool() {
            return Executors.newCachedThreadPool();
        }
    }

    static final class Counts {
        void count(Counter counter) {
            counter.increment();
        }
    }

    static final class Nio {
        Object handler() {
            return NioIoHandler.newFactory();
        }
    }

    static final class Socket {
        boolean open(DuplexChannel channel) {
            return !channel.isShutdown();
        }
    }

    static Stream<Arguments> offenders() {
        return Stream.of(
                Arguments.of(Open.class, ArchitectureRules.publicClassesAreFinal()),
                Arguments.of(OrderManager.class, ArchitectureRules.noVagueNames()),
                Arguments.of(BadOptions.class, ArchitectureRules.noNettyInSignatures()),
                Arguments.of(Nanos.class, ArchitectureRules.onlyTheClockReadsTheTime()),
                Arguments.of(NanosByReference.class, ArchitectureRules.onlyTheClockReadsTheTime()),
                Arguments.of(WallClock.class, ArchitectureRules.onlyTheClockReadsTheTime()),
                Arguments.of(Forks.class, ArchitectureRules.onlyLoopsAndWorkersMakeThreads()),
                Arguments.of(Pools.class, ArchitectureRules.onlyLoopsAndWorkersMakeThreads()),
                Arguments.of(Counts.class, ArchitectureRules.onlyMetricsKnowMicrometer()),
                Arguments.of(Nio.class, ArchitectureRules.onlyOneClassNamesBackends("Loops")),
                Arguments.of(Socket.class, ArchitectureRules.coreKnowsNoSocket()));
    }

    @ParameterizedTest
    @MethodSource("offenders")
    void aRuleFindsItsOffender(Class<?> offender, ArchRule rule) {
        assertThat(rule.evaluate(new ClassFileImporter().importClasses(offender))
                        .hasViolation())
                .isTrue();
    }
}
