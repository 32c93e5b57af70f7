package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import org.junit.jupiter.api.Test;

class ConsoleTest {

    @Test
    void eachLineLeavesAtOnce() {
        StringWriter reader = new StringWriter();
        Console console = new Console(new PrintWriter(reader));

        console.line("one");

        assertThat(reader.toString()).isEqualTo("one" + System.lineSeparator());
        assertThat(console.abandoned()).isNotDone();
        assertThat(console.status()).isZero();
    }

    @Test
    void itTellsWhenNobodyReads() {
        Console console = new Console(new PrintWriter(new BrokenPipe()));

        assertThat(console.print("one")).isFalse();
        assertThat(console.abandoned()).isCompleted();
        assertThat(console.status()).isEqualTo(Console.NOBODY_READS);
    }

    private static final class BrokenPipe extends Writer {
        @Override
        public void write(char[] text, int from, int length) throws IOException {
            throw new IOException("Broken pipe");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
