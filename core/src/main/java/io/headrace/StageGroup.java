package io.headrace;

import io.netty.channel.Channel;
import java.util.List;

/** Several stages that come and go as one. An empty group takes the default of its kind off the line. */
public final class StageGroup<C extends Channel> implements Stage<C> {
    private final Object kind;
    private final List<Stage<? super C>> parts;

    StageGroup(Object kind, List<Stage<? super C>> parts) {
        this.kind = kind;
        this.parts = List.copyOf(parts);
    }

    @Override
    public Object kind() {
        return kind;
    }

    @Override
    public void check(Problems problems) {
        parts.forEach(part -> part.check(problems));
    }

    @Override
    public void check(Problems problems, Application<?, ?> application) {
        parts.forEach(part -> part.check(problems, application));
    }

    List<Stage<? super C>> parts() {
        return parts;
    }

    @Override
    public String toString() {
        return parts.toString();
    }
}
