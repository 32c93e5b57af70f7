package io.headrace.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code headrace jmh}: the benchmarks; every argument is JMH's own. */
@Command(name = "jmh", description = "Runs the JMH benchmarks. -h says what JMH understands, -l lists the benchmarks.")
final class Jmh implements Callable<Integer> {

    @Parameters(
            arity = "0..*",
            paramLabel = "ARGS",
            description = "For JMH. Without -prof: allocation, and what the loop spent.")
    private List<String> args = List.of();

    @Override
    public Integer call() throws Exception {
        List<String> all = new ArrayList<>(args);
        if (!args.contains("-prof")) {
            all.addAll(List.of("-prof", "gc", "-prof", LoopProfiler.class.getName()));
        }
        Main.main(all.toArray(String[]::new));
        return 0;
    }
}
