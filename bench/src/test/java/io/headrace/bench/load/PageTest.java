package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PageTest {
    @TempDir
    Path folder;

    private Path report(String words, Object... targets) {
        Path json = folder.resolve("report-" + words.hashCode() + ".json");
        Loading.of(words + " --quiet --json " + json, targets);
        return json;
    }

    private static String deadTarget() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "tcp://127.0.0.1:" + socket.getLocalPort();
        }
    }

    private Path page() throws IOException {
        Path html = folder.resolve("page.html");
        try (Served server = Served.tcp(Served::echo)) {
            Path rate = report(
                    "rate -R 200:800 -c 2 -d 400ms --warmup 200ms --interval 100ms --timeout 100ms --slo errors<1",
                    server,
                    deadTarget());
            Path echo = report("echo -c 2 -d 300ms --warmup 100ms --interval 100ms --slo errors<1", server);
            StringWriter err = new StringWriter();
            assertThat(new CommandLine(new Plot())
                            .setErr(new PrintWriter(err))
                            .execute(rate.toString(), echo.toString(), "--html", html.toString()))
                    .as(err.toString())
                    .isZero();
        }
        return html;
    }

    @Test
    void pageHasTheReportsInsideAndNeedsNothingElse() throws IOException {
        String page = Files.readString(page());

        Matcher runs = Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
                .matcher(page);
        assertThat(runs.find()).isTrue();
        assertThat((List<?>) Json.read(runs.group(1))).hasSize(2);
        assertThat(page)
                .contains("\"hdr\":\"", "\"spectrum\":[[", "\"heat\":[[", "\"target\":[[", "default-src 'none'");
        assertThat(page.replace("http://www.w3.org/2000/svg", ""))
                .doesNotContain("http:", "https:", "src=\"", "@import");
    }

    @Test
    @Tag("slow")
    void browserWithoutANetworkDrawsIt() throws Exception {
        String dom = Browser.dom(page(), folder);

        assertThat(dom)
                .contains(
                        "Percentiles",
                        "Response over time",
                        "Requests a second",
                        "Errors an interval",
                        "Heat map of responses, run 2")
                .contains("<b>Broken</b>: errors&lt;1", "<b>Met</b>: errors&lt;1", "<b>Errors</b>: ", " refused")
                .doesNotContain("This page draws its charts with its own script, and needs it.");
        assertThat(dom.split("<path d=\"M").length).isGreaterThan(10);
    }
}
