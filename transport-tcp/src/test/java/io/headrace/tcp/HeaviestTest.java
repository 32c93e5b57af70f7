package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Connection;
import io.headrace.Progress;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who holds most, found in one walk. */
class HeaviestTest {
    private final List<Long> weights = new ArrayList<>();
    private int walks;

    private final Heaviest heaviest = new Heaviest(
            visitor -> {
                walks++;
                weights.forEach(weight -> visitor.check(connection(weight), holding(weight), 0));
            },
            Progress::pendingBytes);

    private static Connection<?> connection(long id) {
        return fake(Connection.class, id);
    }

    private static Progress holding(long bytes) {
        return fake(Progress.class, bytes);
    }

    /** Says this number to every question. */
    private static <T> T fake(Class<T> type, long number) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> number));
    }

    private List<Long> all() {
        heaviest.look();
        List<Long> taken = new ArrayList<>();
        while (heaviest.bytes() > 0) {
            long bytes = heaviest.bytes();
            assertThat(heaviest.take().id()).isEqualTo(bytes);
            taken.add(bytes);
        }
        return taken;
    }

    @Test
    void oneWalkFindsTheHeaviestInOrder() {
        IntStream.rangeClosed(1, 1_000).forEach(weight -> weights.add((long) weight));
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(weights, new Random(seed));
            assertThat(all())
                    .isEqualTo(weights.stream()
                            .sorted(Comparator.reverseOrder())
                            .limit(Heaviest.MOST)
                            .toList());
            assertThat(walks).isEqualTo(seed + 1);
        }
    }

    @Test
    void whoHoldsNothingIsNotFound() {
        weights.addAll(List.of(0L, 5L, 0L, 7L, 7L));
        assertThat(all()).containsExactly(7L, 7L, 5L);
        weights.clear();
        assertThat(all()).isEmpty();
    }

    @Test
    void whatWasFoundIsForgotten() {
        weights.add(5L);
        heaviest.look();
        heaviest.forget();
        assertThat(heaviest.bytes()).isZero();
    }
}
