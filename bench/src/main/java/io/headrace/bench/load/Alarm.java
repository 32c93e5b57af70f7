package io.headrace.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** How exactly the system wakes a thread that sleeps for a while. */
final class Alarm {
    private static final Path SELF = Path.of("/proc/thread-self");

    private Alarm() {}

    /**
     * The present thread is woken when its time is up, and not up to 50 us later, as Linux does to wake several threads at once
     * (proc(5), timerslack_ns). Does nothing where that cannot be chosen.
     */
    static void wakeExactly() {
        try {
            Path thread = Files.readSymbolicLink(SELF).getFileName();
            Files.writeString(Path.of("/proc", thread.toString(), "timerslack_ns"), "1", StandardOpenOption.WRITE);
        } catch (IOException | SecurityException notHere) {
            // Then requests are sent a little later, and the send lag says so.
        }
    }
}
