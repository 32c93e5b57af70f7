package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricsPageTest {
    /** Surefire runs in the module's folder. */
    private static final Path PAGE = Path.of("..", "METRICS.md");

    private static final String COMMAND = "mvn -pl core test -Dtest=MetricsPageTest -Dmetrics.page=write";

    @Test
    void thePageSaysWhatTheEnumSays() throws IOException {
        if ("write".equals(System.getProperty("metrics.page"))) {
            Files.writeString(PAGE, MetricsPage.text());
        }
        assertThat(Files.readString(PAGE))
                .as("METRICS.md; write it anew with: " + COMMAND)
                .isEqualTo(MetricsPage.text());
    }

    @ParameterizedTest
    @EnumSource(Meter.class)
    void everyMeterBelongsToATransport(Meter meter) {
        Set<Meter> all = EnumSet.copyOf(Meter.OF_STREAMS);
        all.addAll(Meter.OF_LISTENING);
        all.addAll(Meter.OF_DATAGRAMS);
        assertThat(all).contains(meter);
    }

    @ParameterizedTest
    @EnumSource(Meter.class)
    void aMetersNameIsOurs(Meter meter) {
        assertThat(meter.id()).matches("headrace(\\.[a-z]+)+");
    }
}
