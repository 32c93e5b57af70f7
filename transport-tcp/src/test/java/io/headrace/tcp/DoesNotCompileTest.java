package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the types promise: mistakes that the compiler finds. */
class DoesNotCompileTest {

    static Stream<Arguments> mistakes() {
        return Stream.of(
                // An endpoint without a handler.
                arguments("Tcp.listen(1).start();", "cannot find symbol"),
                arguments("Unix.listen(Path.of(\"x\")).codec(Codec.utf8()).start();", "cannot find symbol"),
                // What the codec cannot encode.
                arguments(
                        "Tcp.listen(1).codec(Codec.utf8()).onConnect(connection -> connection.sendAndClose(42));",
                        "int cannot be converted to java.lang.String"),
                arguments("Tcp.listen(1).codec(Codec.utf8()).reply(text -> 42);", "bad return type in lambda"),
                arguments(
                        "Tcp.listen(1).codec(Codec.utf8()).handle((text, exchange) -> exchange.reply(42));",
                        "int cannot be converted to java.lang.String"),
                arguments(
                        "Tcp.listen(1).codec(Codec.utf8()).replyAsync(text -> CompletableFuture.completedFuture(42));",
                        "java.lang.Integer"),
                arguments(
                        "Tcp.listen(1).codec(Codec.utf8()).otherwise((text, outcome) -> 42).reply(text -> text);",
                        "bad return type in lambda"),
                // What the codec does not give.
                arguments("Tcp.listen(1).reply(bytes -> bytes.toUpperCase());", "cannot find symbol"),
                // Stages of other channels.
                arguments(
                        "Stage<DatagramChannel> stage = null; Tcp.listen(1).with(stage);",
                        "cannot be converted to io.headrace.Stage<? super io.netty.channel.socket.DuplexChannel>"),
                arguments(
                        "Stage<SocketChannel> stage = null; Unix.listen(Path.of(\"x\")).with(stage);",
                        "cannot be converted to io.headrace.Stage<? super io.netty.channel.socket.DuplexChannel>"),
                // Options of other sockets.
                arguments("Unix.listen(Path.of(\"x\")).options(o -> o.noDelay(true));", "cannot find symbol"),
                // A client has no handler for requests, and asks with its own codec.
                arguments("Tcp.connect(\"x\", 1).reply(bytes -> bytes);", "cannot find symbol"),
                arguments("Tcp.connect(\"x\", 1).codec(Codec.utf8()).start().ask(42);", "int cannot be converted"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesDoNotCompile(String code, String message) {
        assertThat(errors(code)).singleElement().asString().contains(message);
    }

    static Stream<String> counterparts() {
        return Stream.of(
                "Tcp.listen(1).reply(bytes -> bytes).start();",
                "Tcp.listen(1).reply(bytes -> \"text\");",
                "Tcp.listen(1).codec(Codec.utf8()).onConnect(connection -> connection.sendAndClose(\"42\"));",
                "Tcp.listen(1).codec(Codec.utf8()).reply(text -> text);",
                "Tcp.listen(1).codec(Codec.utf8()).replyAsync(text -> CompletableFuture.completedFuture(text));",
                "Tcp.listen(1).codec(Codec.utf8()).otherwise((text, outcome) -> outcome.tag()).reply(text -> text);",
                "Handler<ByteBuf, ByteBuf> handler = null; Tcp.listen(1).handle(handler);",
                "Stage<Channel> stage = null; Tcp.listen(1).with(stage);",
                "Stage<DuplexChannel> stage = null; Unix.listen(Path.of(\"x\")).with(stage);",
                "Unix.listen(Path.of(\"x\")).options(o -> o.backlog(7)).reply(bytes -> bytes);",
                "Tcp.connect(\"x\", 1).codec(Codec.utf8()).start().ask(\"42\");");
    }

    @ParameterizedTest
    @MethodSource("counterparts")
    void theirCounterpartsDo(String code) {
        assertThat(errors(code)).isEmpty();
    }

    private static List<String> errors(String code) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        JavaFileManager files = new Discarding(compiler.getStandardFileManager(diagnostics, Locale.ROOT, null));
        compiler.getTask(null, files, diagnostics, List.of("-proc:none"), null, List.of(new Source(code)))
                .call();
        return diagnostics.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(diagnostic -> diagnostic.getMessage(Locale.ROOT))
                .toList();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String code;

        Source(String code) {
            super(URI.create("string:///Snippet.java"), Kind.SOURCE);
            this.code = code;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return "import io.headrace.*; import io.headrace.tcp.*; import io.netty.buffer.ByteBuf;"
                    + " import io.netty.channel.Channel; import io.netty.channel.socket.*;"
                    + " import java.nio.file.Path; import java.util.concurrent.CompletableFuture;"
                    + " class Snippet { void snippet() throws Exception { " + code + " } }";
        }
    }

    /** Keeps no class that is compiled. */
    private static final class Discarding extends ForwardingJavaFileManager<JavaFileManager> {
        Discarding(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String name, JavaFileObject.Kind kind, javax.tools.FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("string:///" + name + ".class"), kind) {
                @Override
                public java.io.OutputStream openOutputStream() {
                    return java.io.OutputStream.nullOutputStream();
                }
            };
        }
    }
}
