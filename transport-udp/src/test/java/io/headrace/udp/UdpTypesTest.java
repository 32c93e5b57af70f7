package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a datagram endpoint cannot be told, because it does not compile. */
class UdpTypesTest {
    @TempDir
    private Path classes;

    @Test
    void aStageForEveryChannelCompiles() {
        assertThat(complaints("Udp.listen(1).with((Stage<Channel>) null)")).isEmpty();
    }

    @Test
    void aStageForDatagramsCompiles() {
        assertThat(complaints("Udp.listen(1).with((Stage<DatagramChannel>) null)"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Udp.listen(1).with((Stage<DuplexChannel>) null)",
                "Udp.connect(\"host\", 1).with((Stage<DuplexChannel>) null)",
                "Udp.listen(1).onConnect(connection -> {})",
                "Udp.listen(1).converse(talk -> {})",
                "Udp.listen(1).start()",
                "Udp.listen(1).codec(Codec.utf8()).reply(text -> 42)",
            })
    void whatIsForStreamsOrUnfinishedDoesNotCompile(String expression) {
        assertThat(complaints(expression)).isNotEmpty();
    }

    private String complaints(String expression) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        String source = "import io.headrace.*; import io.headrace.udp.*; import io.netty.channel.*;"
                + "import io.netty.channel.socket.*; class Snippet { Object value = " + expression + "; }";
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        List<String> options = List.of("-proc:none", "-Xlint:none", "-d", classes.toString(), "-cp", classPath());
        return compiler.getTask(complaints, null, null, options, null, List.of(file))
                        .call()
                ? ""
                : complaints.toString();
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
