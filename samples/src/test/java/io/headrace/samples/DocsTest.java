package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Endpoint;
import io.headrace.Server;
import io.headrace.tcp.Framing;
import io.headrace.tcp.Tcp;
import io.headrace.tcp.TcpOptions;
import io.headrace.tcp.UnixOptions;
import io.headrace.udp.Udp;
import io.headrace.udp.UdpOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Code in the docs is compiled code. A block of it stands under {@code <!-- code: FILE#TAG name=value -->}: FILE from the top of the
 * repository, the lines between {@code // tag::TAG[]} and {@code // end::TAG[]}, each name replaced by its value.
 */
class DocsTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern ANY_CODE = Pattern.compile("```java\n");
    private static final Pattern CODE =
            Pattern.compile("<!-- code: ([^#\\s]+)#(\\S+)((?: \\w+=\\S+)*) -->\n```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        pages.add(TOP.resolve("README.md"));
        pages.add(TOP.resolve("CONTRIBUTING.md"));
        try (Stream<Path> docs = Files.list(TOP.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void allCodeIsCompiledCode(Path page) throws IOException {
        String text = Files.readString(page);
        List<MatchResult> blocks = CODE.matcher(text).results().toList();

        assertThat(blocks).as("blocks with their source").hasSize((int)
                ANY_CODE.matcher(text).results().count());
        for (MatchResult block : blocks) {
            assertThat(block.group(4))
                    .as(block.group(1) + "#" + block.group(2))
                    .isEqualTo(source(block.group(1), block.group(2), block.group(3)));
        }
    }

    private static String source(String file, String tag, String values) throws IOException {
        String text = Files.readString(TOP.resolve(file));
        Matcher lines = Pattern.compile("(?s)// tag::" + tag + "\\[]\n(.*?)[ \t]*// end::" + tag + "\\[]\n")
                .matcher(text);
        assertThat(lines.find()).as(file + " has the tag " + tag).isTrue();
        String code = lines.group(1).stripTrailing().stripIndent() + "\n";
        for (String value : values.strip().split(" ")) {
            String[] pair = value.split("=", 2);
            code = pair.length < 2 ? code : code.replaceAll("\\b" + pair[0] + "\\b", Matcher.quoteReplacement(pair[1]));
        }
        return code;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhere(Path page) throws IOException {
        assertThat(LINK.matcher(Files.readString(page)).results().map(link -> link.group(1)))
                .allSatisfy(link ->
                        assertThat(page.resolveSibling(link).normalize()).exists());
    }

    @Test
    void theReadmeShowsEverySample() throws IOException {
        String readme = Files.readString(TOP.resolve("README.md"));
        Console nowhere = new Console(new PrintWriter(new StringWriter()));

        assertThat(Samples.commandLine(nowhere).getSubcommands().keySet())
                .allSatisfy(sample -> assertThat(readme).contains("`./headrace " + sample));
    }

    @Test
    void theReadmeShowsTheLinesOfEndpoints() throws IOException {
        for (Endpoint endpoint :
                List.of(Lines.endpoint(Tcp.listen(7_000)), Sink.endpoint(Udp.listen(8_125), line -> {}))) {
            String line = endpoint.toString();
            String shown = blockThatBegins(line.substring(0, line.indexOf(':')));

            assertThat(shown.replaceAll("\\s+", " ").strip()).isEqualTo(line.replaceAll("\\s+", " "));
        }
    }

    @Test
    void theReadmeTellsTheDefaults() throws IOException {
        TcpOptions tcp = TcpOptions.DEFAULTS;
        UnixOptions unix = UnixOptions.DEFAULTS;
        UdpOptions udp = UdpOptions.DEFAULTS;

        assertThat(Files.readString(TOP.resolve("README.md")))
                .contains(String.format(
                        Locale.ROOT,
                        "| `TcpOptions` | backlog %,d; TCP_NODELAY, SO_KEEPALIVE, SO_REUSEADDR on; SO_REUSEPORT off; the system's buffers; %d s to",
                        tcp.backlog(),
                        tcp.connectTimeout().toSeconds()))
                .contains(String.format(
                        Locale.ROOT,
                        "| `UnixOptions` | backlog %,d, the system's buffers, %d s to",
                        unix.backlog(),
                        unix.connectTimeout().toSeconds()))
                .contains(String.format(
                        Locale.ROOT,
                        "| `UdpOptions` | datagrams of up to %,d bytes; one socket; the system's buffers; %,d sessions of %d min without traffic; %d s",
                        udp.maxDatagramBytes(),
                        udp.maxSessions(),
                        udp.sessionIdle().toMinutes(),
                        udp.answerTimeout().toSeconds()))
                .contains(String.format(Locale.ROOT, "| frame | %d KiB", Framing.DEFAULT_MAX_BYTES / 1_024))
                .contains(String.format(Locale.ROOT, "| drain | %d s", Server.DEFAULT_GRACE.toSeconds()));
        assertThat(List.of(tcp.noDelay(), tcp.keepAlive(), tcp.reuseAddress(), !tcp.reusePort()))
                .containsOnly(true);
        assertThat(List.of(tcp.receiveBufferBytes(), tcp.sendBufferBytes(), udp.sockets() - 1))
                .containsOnly(0);
    }

    @Test
    void theReadmeShowsWhatTheDemoPrints() throws IOException {
        StringWriter printed = new StringWriter();
        Samples.commandLine(new Console(new PrintWriter(printed))).execute("demo");

        assertThat(withoutPorts(blockThatBegins("$ ./headrace demo")))
                .contains("\n" + withoutPorts(printed.toString()));
    }

    private static String withoutPorts(String text) {
        return text.replaceAll("\\d{4,}", "PORT");
    }

    @Test
    void theReadmeNamesTheVersion() throws IOException {
        String version = new Version().getVersion()[0].split(" ")[1];

        assertThat(blockThatBegins("<dependency>")).contains("<version>" + version + "</version>");
    }

    private static String blockThatBegins(String beginning) throws IOException {
        String readme = Files.readString(TOP.resolve("README.md"));
        Matcher block =
                Pattern.compile("(?s)```\\w*\n(\\Q" + beginning + "\\E.*?)```").matcher(readme);
        assertThat(block.find()).as("a block that begins with " + beginning).isTrue();
        return block.group(1);
    }
}
