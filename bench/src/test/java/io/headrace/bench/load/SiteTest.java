package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a report says of where it comes from. */
class SiteTest {

    @Test
    void machineKernelAndVersionsAreNamed() {
        Map<String, Object> about = Site.machineAndVersions();

        assertThat(about.get("kernel"))
                .isEqualTo(System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        assertThat(about.get("flags"))
                .isEqualTo(String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
        assertThat(about.get("jdk").toString()).endsWith(System.getProperty("java.runtime.version"));
        assertThat(about.get("netty").toString()).startsWith("4.2.");
        assertThat(about.get("hdrhistogram").toString()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(about.get("headrace").toString())
                .matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?( \\(commit [0-9a-f]{7,40}(-dirty)?\\))?");
    }

    @Test
    void whoDoesTlsIsNamed() throws Exception {
        Plan plan = Plans.rate(OpenFlow::new, "1", "--tls-insecure", "tls://127.0.0.1:1");

        assertThat(Site.about(plan).get("tls").toString()).matches("SunJSSE \\d+.*|OpenSSL .*|BoringSSL.*");
        assertThat(Site.about(Plans.rate(OpenFlow::new, "1", "", "tcp://127.0.0.1:1")))
                .doesNotContainKey("tls");
    }
}
