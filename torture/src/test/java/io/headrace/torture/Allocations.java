package io.headrace.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Every buffer that Netty's allocators have given or made longer in this JVM since, as they tell the flight recorder. */
final class Allocations implements AutoCloseable {
    private static final List<String> EVENTS = List.of("io.netty.AllocateBuffer", "io.netty.ReallocateBuffer");

    private final Recording recording = new Recording();

    private Allocations() {
        EVENTS.forEach(event -> recording.enable(event).withoutThreshold().withoutStackTrace());
        recording.start();
    }

    static Allocations record() {
        return new Allocations();
    }

    /** So long was the longest; 0 if there was none. Ends the recording. */
    int longestBytes() throws IOException {
        recording.stop();
        Path file = Files.createTempFile("torture", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .mapToInt(Allocations::bytes)
                    .max()
                    .orElse(0);
        } finally {
            Files.delete(file);
        }
    }

    private static int bytes(RecordedEvent event) {
        return event.getInt("size");
    }

    @Override
    public void close() {
        recording.close();
    }
}
