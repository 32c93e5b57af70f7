package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;

/**
 * A sample's output. Each line leaves at once; when nobody reads any more ({@code | head}), the sample shall end. Any thread that may
 * block: event loops go through a {@link Printer}.
 */
final class Console {
    /** The exit status when nobody reads: what a shell reports for a program that SIGPIPE has ended. */
    static final int NOBODY_READS = 141;

    private final PrintWriter out;
    private final CompletableFuture<Void> abandoned = new CompletableFuture<>();

    Console(PrintWriter out) {
        this.out = out;
    }

    /** In UTF-8, whatever the locale says: containers seldom say anything. */
    static Console standardOutput() {
        return new Console(new PrintWriter(System.out, true, UTF_8));
    }

    void line(String text) {
        print(text + System.lineSeparator());
    }

    /** Prints text that brings its own line breaks; returns whether anybody reads it. */
    boolean print(String text) {
        out.print(text);
        if (out.checkError()) { // Flushes, too.
            abandoned.complete(null);
        }
        return !abandoned.isDone();
    }

    /** Completes when nobody reads any more. */
    CompletableFuture<Void> abandoned() {
        return abandoned;
    }

    /** With which status the sample ends. */
    int status() {
        return abandoned.isDone() ? NOBODY_READS : 0;
    }

    PrintWriter writer() {
        return out;
    }
}
