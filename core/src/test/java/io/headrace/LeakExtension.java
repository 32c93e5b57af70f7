package io.headrace;

import static org.awaitility.Awaitility.await;

import io.netty.util.LeakPresenceDetector;
import java.time.Duration;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves a buffer open. Found by JUnit itself in every module that has core's test-jar.
 *
 * <p>What counts are the buffers that Netty tracks: those of the pooled and adaptive allocators and unpooled direct
 * ones. {@code Unpooled.buffer()} and {@code wrappedBuffer()} live on the heap and are never tracked; a buffer that a
 * static initializer allocates counts unless {@link LeakPresenceDetector#staticInitializer} wraps it.
 */
public final class LeakExtension implements AfterAllCallback {
    /** A loop may still be releasing what the last test closed. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Override
    public void afterAll(ExtensionContext context) {
        Class<?> test = context.getRequiredTestClass();
        if (test.getEnclosingClass() != null) {
            return; // A nested class shares what its outer class holds open.
        }
        awaitReleases();
        try {
            LeakPresenceDetector.check();
        } catch (IllegalStateException leak) {
            throw new AssertionError(
                    test.getName() + " left a buffer open (-Dleak.stacks=true shows where it was allocated)", leak);
        }
    }

    private static void awaitReleases() {
        Buffers buffers = new Buffers();
        try {
            await().atMost(PATIENCE).until(() -> !buffers.open());
        } catch (ConditionTimeoutException stillOpen) {
            // check() says it better.
        }
    }

    /** Looks without touching: {@code check()} sets the count to zero, so a late release would make it negative. */
    private static final class Buffers extends LeakPresenceDetector<Object> {
        Buffers() {
            super(Object.class);
        }

        boolean open() {
            return currentScope().hasOpenResources();
        }
    }
}
