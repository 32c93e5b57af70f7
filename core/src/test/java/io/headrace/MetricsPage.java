package io.headrace;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** METRICS.md, written from the enum of meters. */
final class MetricsPage {
    private static final String INTRODUCTION = """
            # Metrics

            `Metrics.to(registry)` counts an endpoint in a Micrometer registry, under its name, from the start of its server to the stop.
            Every meter carries the tags `endpoint` (the endpoint's name) and `network.transport` (tcp, udp, unix); further tags take only
            the values below, never a peer's address, name or text. Timers are counts and total times.

            """;

    private static final String IDENTITY = """

            At every quiet moment, for each endpoint of connections: **accepted = active + the sum of closed over its reasons.** Every
            connection closes for exactly one reason; connections that were turned away before they opened count in neither.

            This page is generated from `io.headrace.Meter`; `MetricsPageTest` keeps it equal and says how to write it anew.
            """;

    private MetricsPage() {}

    static String text() {
        return INTRODUCTION
                + table("Every transport", Meter.COMMON)
                + table("TCP and Unix, and UDP where peers have sessions", without(Meter.OF_STREAMS, Meter.COMMON))
                + table("TCP servers", Meter.OF_LISTENING)
                + table("UDP", without(Meter.OF_DATAGRAMS, Meter.COMMON))
                + IDENTITY.stripLeading();
    }

    private static Set<Meter> without(Set<Meter> meters, Set<Meter> others) {
        Set<Meter> rest = EnumSet.copyOf(meters);
        rest.removeAll(others);
        return rest;
    }

    private static String table(String title, Set<Meter> meters) {
        return "## " + title + "\n\n"
                + "| meter | type | unit | tag | meaning |\n"
                + "|---|---|---|---|---|\n"
                + meters.stream().sorted().map(MetricsPage::row).collect(Collectors.joining())
                + "\n";
    }

    private static String row(Meter meter) {
        return "| "
                + String.join(
                        " | ",
                        List.of(
                                "`" + meter.id() + "`",
                                meter.type().name().toLowerCase(Locale.ROOT),
                                unit(meter),
                                tag(meter),
                                meter.description()))
                + " |\n";
    }

    private static String unit(Meter meter) {
        if (meter.type() == Meter.Type.TIMER) {
            return "seconds";
        }
        return meter.unit() == null ? "" : meter.unit();
    }

    private static String tag(Meter meter) {
        if (meter.tag() == null) {
            return "";
        }
        return "`" + meter.tagKey() + "`: "
                + Stream.of(meter.tag().getEnumConstants())
                        .map(MetricsPage::tagValue)
                        .collect(Collectors.joining(", "));
    }

    private static String tagValue(Object constant) {
        if (constant instanceof CloseReason reason) {
            return reason.tag();
        }
        if (constant instanceof DropReason reason) {
            return reason.tag();
        }
        if (constant instanceof RejectReason reason) {
            return reason.tag();
        }
        if (constant instanceof AcceptError error) {
            return error.tag();
        }
        if (constant instanceof Outcome outcome) {
            return outcome.tag();
        }
        throw new AssertionError("no tag value of " + constant.getClass());
    }
}
