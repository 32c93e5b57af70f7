package io.headrace.udp;

import io.headrace.Loops.Backend;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A test that takes a {@link Backend} and holds on each that this project can test; {@link On#loops} skips what a machine lacks. */
@ParameterizedTest
@EnumSource(
        value = Backend.class,
        names = {"NIO", "EPOLL", "IO_URING"})
@Retention(RetentionPolicy.RUNTIME)
@interface OnEachBackend {}
