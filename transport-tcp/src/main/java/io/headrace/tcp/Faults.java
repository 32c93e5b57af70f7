package io.headrace.tcp;

import io.headrace.CloseReason;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;

/** Whose fault an exception on the line is. */
final class Faults {

    /** What an exception means for its connection: it is broken, or its peer broke the rules, or the application is at fault. */
    record Verdict(CloseReason reason, boolean connectionBroken, boolean peersFault) {}

    private Faults() {}

    static Verdict judge(Throwable cause) {
        if (cause instanceof IOException) {
            String message = String.valueOf(cause.getMessage());
            boolean reset = message.contains("reset") || message.contains("Broken pipe");
            return new Verdict(reset ? CloseReason.PEER_RESET : CloseReason.IO_ERROR, true, true);
        }
        if (cause instanceof TooLongFrameException) {
            return new Verdict(CloseReason.FRAME_TOO_LARGE, false, true);
        }
        if (cause instanceof CorruptedFrameException) {
            return new Verdict(CloseReason.FRAME_MALFORMED, false, true);
        }
        if (cause instanceof DecoderException) {
            return cause.getCause() == null || cause.getCause() instanceof IOException
                    ? new Verdict(CloseReason.FRAME_MALFORMED, false, true)
                    : new Verdict(CloseReason.HANDLER_FAILED, false, false);
        }
        return new Verdict(CloseReason.HANDLER_FAILED, false, false);
    }
}
