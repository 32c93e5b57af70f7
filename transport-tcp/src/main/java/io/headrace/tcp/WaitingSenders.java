package io.headrace.tcp;

import java.util.ArrayList;
import java.util.List;

/** Those who wait until there is room toward one peer, or its connection has ended. Event loop only. */
final class WaitingSenders {
    private final StreamConnection<?, ?> connection;
    private List<Runnable> tasks = new ArrayList<>(1);
    private boolean tellingEnd;

    WaitingSenders(StreamConnection<?, ?> connection) {
        this.connection = connection;
    }

    void add(Runnable task) {
        if (connection.open()) {
            tasks.add(task);
        } else {
            tellEnd(task);
        }
    }

    /** Tells all of them, once. */
    void wake() {
        List<Runnable> woken = tasks;
        tasks = new ArrayList<>(1);
        for (Runnable task : woken) {
            try {
                if (connection.open()) {
                    task.run();
                } else {
                    tellEnd(task);
                }
            } catch (Throwable fault) {
                connection.tail().faulty(fault);
            }
        }
    }

    /** Once: a task that sends while it can and then asks again would go on until the stack is full. */
    private void tellEnd(Runnable task) {
        if (tellingEnd) {
            return;
        }
        tellingEnd = true;
        try {
            task.run();
        } finally {
            tellingEnd = false;
        }
    }
}
