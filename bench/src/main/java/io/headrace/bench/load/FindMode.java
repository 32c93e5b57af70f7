package io.headrace.bench.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace load find}. */
@Command(
        name = "find",
        description = {
            "The highest rate that keeps the --slo gates.",
            "An open loop at a rate that is doubled until it does not, then halved between the two. Each step takes --warmup and",
            "--duration; it holds when all gates are met and at least 99 %% of what was due was answered. Reports the best step."
        })
final class FindMode extends ModeCommand {
    private static final double LEAST_ANSWERED = 0.99;
    private static final double PERCENT = 100;

    @Option(
            names = "--from",
            paramLabel = "RATE",
            defaultValue = "100",
            description = "The first rate. Default: ${DEFAULT-VALUE}.")
    private String from;

    @Option(
            names = "--to",
            paramLabel = "RATE",
            defaultValue = "10m",
            description = "The highest rate to try. Default: ${DEFAULT-VALUE}.")
    private String to;

    @Option(
            names = "--precision",
            paramLabel = "PERCENT",
            defaultValue = "5",
            description = "Ends when the best rate is known as well as this. Default: ${DEFAULT-VALUE}.")
    private double precision;

    @Mixin
    private MessageOptions message;

    @Option(
            names = {"-w", "--window"},
            paramLabel = "W",
            defaultValue = "1",
            description = "Requests in flight per connection at most. Default: ${DEFAULT-VALUE}.")
    private int window;

    private boolean toolGaveOut;
    private long inFlight;

    @Override
    Plan plan(List<Destination> destinations) {
        if (gates.gates().isEmpty()) {
            throw new IllegalArgumentException("--slo: missing (expected: what the rate has to keep, as p99<50ms)");
        }
        if (precision < 0.1 || precision > PERCENT) {
            throw new IllegalArgumentException("--precision: " + precision + " (expected: 0.1 to 100)");
        }
        PaceOption.one(to);
        return load.plan(
                command(),
                "find",
                OpenFlow::new,
                destinations,
                message.choice(),
                PipelineMode.window(window),
                PaceOption.pace(from),
                gates.gates(),
                LoadOptions.PATIENCE);
    }

    @Override
    Report report(Plan plan, Runs runs) {
        RateSearch search = new RateSearch(PaceOption.one(from), PaceOption.one(to), precision / PERCENT);
        inFlight = (long) plan.connections() * plan.window();
        List<Object> steps = new ArrayList<>();
        Report best = null;
        Report worst = null;
        while (!search.done() && !runs.interrupted()) {
            String rate = Units.plain(search.next());
            Report step = runs.run(plan.at(PaceOption.pace(rate)), live(plan));
            if (step.interrupted()) {
                worst = step;
                break;
            }
            String obstacle = obstacle(step);
            steps.add(ReportJson.ordered("rate", rate, "held", obstacle.isEmpty(), "obstacle", obstacle));
            if (obstacle.isEmpty()) {
                best = step;
            } else {
                worst = step;
                toolGaveOut = Verdict.of(step).limited();
            }
            say(rate, obstacle);
            search.tried(obstacle.isEmpty());
        }
        return (best == null ? worst : best).with("find", found(search, steps));
    }

    /** What kept a step from holding, or nothing. That this tool was late only makes the response look worse than it is. */
    private String obstacle(Report step) {
        List<String> obstacles = new ArrayList<>();
        for (Gate.Result gate : Gate.results(step)) {
            if (!gate.met()) {
                obstacles.add(gate.gate().text() + " broken, it is " + gate.value());
            }
        }
        Slice total = step.total();
        long asked = total.count(Count.SENT) + total.count(Count.UNSENT);
        // What was sent just before the end could not be answered any more.
        long ended = total.count(Count.ANSWERED) + Math.min(total.count(Count.UNFINISHED), inFlight);
        if (ended < LEAST_ANSWERED * asked || asked == 0) {
            obstacles.add(Units.number(total.count(Count.ANSWERED)) + " of " + Units.number(asked) + " answered");
        }
        Report.Pace pace = step.pace();
        if (pace.paced() < LEAST_ANSWERED * pace.expected()) {
            obstacles.add(Units.number(pace.paced()) + " of " + Units.number(pace.expected()) + " tried");
        }
        return String.join("; ", obstacles);
    }

    private void say(String rate, String obstacle) {
        spec.commandLine()
                .getErr()
                .println("find   " + rate + "/s "
                        + (obstacle.isEmpty()
                                ? "holds"
                                : "does not: " + obstacle + (toolGaveOut ? " (generator limited)" : "")));
        spec.commandLine().getErr().flush();
    }

    private Map<String, Object> found(RateSearch search, List<Object> steps) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("highest", search.best() == 0 ? "none" : Units.plain(search.best()) + "/s");
        found.put(
                "limited_by",
                toolGaveOut
                        ? "this tool: the server may do more"
                        : search.done() && search.best() >= PaceOption.one(to) ? "--to" : "the server");
        found.put("steps", steps);
        return found;
    }

    @Override
    int status(Report report) {
        if (gates.strict() && toolGaveOut) {
            return GateOptions.GENERATOR_LIMITED;
        }
        int status = gates.status(report);
        return status == GateOptions.DONE && !obstacle(report).isEmpty() ? GateOptions.GATE_BROKEN : status;
    }
}
