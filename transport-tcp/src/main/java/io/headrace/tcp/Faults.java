package io.headrace.tcp;

import io.headrace.CloseReason;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.internal.OutOfDirectMemoryError;
import java.io.IOException;

/** Whose fault an exception on the line is. */
final class Faults {

    /** What an exception means for its connection: it is broken, or its peer broke the rules, or the application is at fault. */
    record Verdict(CloseReason reason, boolean connectionBroken, boolean peersFault) {}

    private Faults() {}

    /** Whether direct memory has run out: the connection that wanted some is given up, so that the others go on. */
    static boolean noDirectMemory(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof OutOfDirectMemoryError) { // Netty's own limit.
                return true;
            }
            if (each instanceof OutOfMemoryError
                    && String.valueOf(each.getMessage()).contains("irect buffer memory")) {
                return true; // The JDK's: "Direct buffer memory", and since 16 "Cannot reserve ... of direct buffer
                // memory".
            }
        }
        return false;
    }

    static Verdict judge(Throwable cause) {
        if (noDirectMemory(cause)) {
            return new Verdict(CloseReason.OOM_DIRECT, false, true);
        }
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
