package io.headrace;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Where the ends of exchanges go in tests: writes down what a connection would do. Event loop only, but for the lists' readers. */
final class Owner implements ExchangeOwner<Object> {
    /** What was sent, buffers as text; each buffer is released, as a socket would. */
    final List<Object> sent;

    final List<Outcome> unanswered = new ArrayList<>();
    final List<Throwable> faults = new ArrayList<>();
    int settled;
    /** Runs when an exchange is settled. */
    Runnable whenSettled = () -> {};
    /** The answer that cannot be encoded. */
    Object poison;

    Owner() {
        this(new ArrayList<>());
    }

    Owner(List<Object> sent) {
        this.sent = sent;
    }

    @Override
    public Object encode(Object answer) {
        if (answer == poison) {
            ReferenceCountUtil.release(answer);
            throw new IllegalArgumentException("poison");
        }
        return answer;
    }

    @Override
    public void answer(Peer<Object> peer, Object encoded) {
        if (encoded instanceof ByteBuf bytes) {
            sent.add(bytes.toString(StandardCharsets.UTF_8));
            bytes.release();
        } else {
            sent.add(encoded);
        }
    }

    @Override
    public void unanswered(Peer<Object> peer, Outcome outcome, Throwable cause) {
        unanswered.add(outcome);
    }

    @Override
    public void faulty(Throwable cause) {
        faults.add(cause);
    }

    @Override
    public void settled() {
        settled++;
        whenSettled.run();
    }
}
