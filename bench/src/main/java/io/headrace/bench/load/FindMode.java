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

    @Mixin
    private WindowOption window;

    private boolean toolGaveOut;
    private long inFlight;

    @Override
    Plan plan(List<Destination> destinations) {
        if (pid != null) {
            throw new IllegalArgumentException("--pid: not with mode find");
        }
        if (gates.gates().isEmpty()) {
            throw new IllegalArgumentException("--slo: missing (expected: what the rate has to keep, as p99<50ms)");
        }
        if (precision < 0.1 || precision > PERCENT) {
            throw new IllegalArgumentException("--precision: " + precision + " (expected: 0.1 to 100)");
        }
        PaceOption.one(to);
        Plan plan = plan(destinations, OpenFlow::new, message.choice(), window.or(1), PaceOption.pace(from));
        requireAlone(plan);
        return plan;
    }

    /** @throws IllegalArgumentException when others search as well: each would take its own steps */
    private static void requireAlone(Plan plan) {
        if (plan.shard().of() > 1) {
            throw new IllegalArgumentException(
                    "--shard: not with mode find, whose processes would try different rates (expected: mode rate at what one process found)");
        }
        if (plan.startAt() != null) {
            throw new IllegalArgumentException("--start-at: not with mode find, which begins many times");
        }
    }

    @Override
    Report report(Plan plan, Runs runs) {
        RateSearch search = new RateSearch(PaceOption.one(from), PaceOption.one(to), precision / PERCENT);
        inFlight = (long) plan.connections() * plan.window();
        List<Object> steps = new ArrayList<>();
        Report best = null;
        Report worst = null;
        boolean cutOff = false;
        while (!search.done()) {
            String rate = Units.plain(search.next());
            Plan tried = plan.at(PaceOption.pace(rate));
            Report step = runs.run(tried, live(tried));
            cutOff = step.interrupted();
            if (cutOff) {
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
        Report found = (best == null ? worst : best).with("find", found(search, steps, cutOff));
        return cutOff ? found.cutOff() : found;
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

    private Map<String, Object> found(RateSearch search, List<Object> steps, boolean cutOff) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("highest", search.best() == 0 ? "none" : Units.plain(search.best()) + "/s");
        found.put("limited_by", cutOff ? "nothing yet: the search was cut off" : limit(search));
        found.put("steps", steps);
        return found;
    }

    private String limit(RateSearch search) {
        if (toolGaveOut) {
            return "this tool: the server may do more";
        }
        return search.done() && search.best() >= PaceOption.one(to) ? "--to" : "the server";
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
