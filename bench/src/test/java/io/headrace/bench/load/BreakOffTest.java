package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes wrong in the tool itself ends the run at once, and is said: a load that stands still looks like a server that does. */
@Timeout(60)
class BreakOffTest {

    private static void breaksOff(Flow.Kind flows) {
        Plan plan = Plans.rate(flows, "100", "-c 2 -t 2 -d 10m", "tcp://127.0.0.1:1");

        assertThatThrownBy(() -> new Run(plan, interval -> {}).go())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the load broke off: java.lang.ArithmeticException: one and one are three");
    }

    private static ArithmeticException wrong() {
        return new ArithmeticException("one and one are three");
    }

    @Test
    void whereRequestsAreTold() {
        breaksOff((lane, index) -> new Mute(lane) {
            @Override
            public void due(long whenNs, long nowNs) {
                throw wrong();
            }
        });
    }

    @Test
    void whereConnectionsAreSwept() {
        breaksOff((lane, index) -> new Mute(lane) {
            @Override
            public void sweep(long nowNs) {
                throw wrong();
            }
        });
    }

    @Test
    void whereConnectionsAreOpened() {
        breaksOff((lane, index) -> new Mute(lane) {
            @Override
            public void open() {
                throw wrong();
            }
        });
    }
}
