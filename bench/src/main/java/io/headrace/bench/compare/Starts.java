package io.headrace.bench.compare;

import io.headrace.bench.load.LastWords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** All servers and the load generator, up together and started anew as often as the course wants, until the process is told to end. */
final class Starts implements AutoCloseable {
    private final Course course;
    private final List<Entrant> entrants;
    private final Standing.Start how;
    private final Consumer<String> live;
    private final Map<Workload, List<List<Sample>>> samples = new EnumMap<>(Workload.class);
    private final Map<String, String> said = new LinkedHashMap<>();
    private final LastWords lastWords = new LastWords("compare-interrupt", this::interrupt);
    private volatile boolean interrupted;
    private volatile Generator generator;

    /**
     * What came of all of them.
     *
     * @param said what each server said when it was ready, by its name
     * @param rows by workload, in the order of the servers
     */
    record Outcome(Map<String, String> said, Map<Workload, List<Row>> rows) {}

    Starts(Course course, List<Entrant> entrants, Standing.Start how, Consumer<String> live) {
        this.course = course;
        this.entrants = entrants;
        this.how = how;
        this.live = live;
        for (Workload workload : course.workloads()) {
            List<List<Sample>> all = new ArrayList<>();
            entrants.forEach(entrant -> all.add(new ArrayList<>()));
            samples.put(workload, all);
        }
    }

    /** @throws IllegalStateException saying in one line why it could not go on */
    Outcome run() throws IOException {
        Random order = course.order();
        for (int start = 0; start < course.starts() && !interrupted; start++) {
            once(order);
        }
        return new Outcome(said, rows());
    }

    private void once(Random order) throws IOException {
        List<Standing> servers = new ArrayList<>();
        try (Generator load = Generator.start(how.cores(), how.flags())) {
            generator = load;
            for (Entrant entrant : entrants) {
                live.accept("starting " + entrant.name());
                servers.add(how.of(entrant));
                said.put(entrant.name(), servers.get(servers.size() - 1).said());
            }
            Rounds rounds = course.rounds(load, order, live);
            for (Workload workload : course.workloads()) {
                if (interrupted || !rounds.of(workload, servers, samples.get(workload))) {
                    requireInterrupted();
                    return;
                }
            }
        } catch (IllegalStateException | IOException failed) {
            if (!interrupted) {
                throw failed;
            }
        } finally {
            servers.forEach(Standing::close);
        }
    }

    /** The generator ends when it is told to, and only then. */
    private void requireInterrupted() {
        if (!interrupted) {
            throw new IllegalStateException("the load generator has ended");
        }
    }

    private Map<Workload, List<Row>> rows() {
        Map<Workload, List<Row>> rows = new EnumMap<>(Workload.class);
        samples.forEach((workload, all) -> {
            List<Row> some = new ArrayList<>();
            for (int i = 0; i < entrants.size(); i++) {
                some.add(new Row(entrants.get(i).name(), all.get(i), all.get(0)));
            }
            rows.put(workload, some);
        });
        return rows;
    }

    private void interrupt() {
        interrupted = true;
        Generator loading = generator;
        if (loading != null) {
            loading.close();
        }
    }

    boolean interrupted() {
        return interrupted;
    }

    /** What came of it is reported. */
    @Override
    public void close() {
        lastWords.close();
    }
}
