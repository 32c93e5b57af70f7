package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class PrinterTest {
    private final StringWriter reader = new StringWriter();
    private final Printer printer = new Printer(new Console(new PrintWriter(reader)), 2);

    @Test
    void whatIsNotReadInTimeIsLeftOutAndCounted() throws InterruptedException {
        for (String line : new String[] {"one", "two", "three", "four"}) {
            printer.line(line);
        }
        printer.printNext();
        printer.printNext();
        printer.line("five");
        printer.printNext();

        assertThat(reader.toString().lines())
                .containsExactly("one", "two", "(2 lines left out: nobody read them)", "five");
    }
}
