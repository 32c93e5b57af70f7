package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.headrace.CloseReason;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whose fault an exception on the line is. */
class FaultsTest {

    static Stream<Arguments> faults() {
        return Stream.of(
                // The connection is broken.
                arguments(new IOException("Connection reset by peer"), CloseReason.PEER_RESET, true, true),
                arguments(new IOException("Connection reset"), CloseReason.PEER_RESET, true, true),
                arguments(new IOException("Broken pipe"), CloseReason.PEER_RESET, true, true),
                arguments(new IOException("No route to host"), CloseReason.IO_ERROR, true, true),
                arguments(new IOException(), CloseReason.IO_ERROR, true, true),
                // The peer broke the rules.
                arguments(new TooLongFrameException("too long"), CloseReason.FRAME_TOO_LARGE, false, true),
                arguments(new CorruptedFrameException("corrupted"), CloseReason.FRAME_MALFORMED, false, true),
                arguments(new DecoderException("nonsense"), CloseReason.FRAME_MALFORMED, false, true),
                arguments(new DecoderException(new IOException("nonsense")), CloseReason.FRAME_MALFORMED, false, true),
                // The application is at fault.
                arguments(
                        new DecoderException(new IllegalStateException("a bug")),
                        CloseReason.HANDLER_FAILED,
                        false,
                        false),
                arguments(new IllegalStateException("a bug"), CloseReason.HANDLER_FAILED, false, false),
                arguments(new OutOfMemoryError("direct"), CloseReason.HANDLER_FAILED, false, false));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void eachIsJudged(Throwable cause, CloseReason reason, boolean connectionBroken, boolean peersFault) {
        assertThat(Faults.judge(cause)).isEqualTo(new Faults.Verdict(reason, connectionBroken, peersFault));
    }
}
