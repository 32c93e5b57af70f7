package io.headrace.tcp;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, among NIO's sockets whose peers have finished, those that have been reset since: reading only gives the end again.
 *
 * <p>A selector on Linux tells errors and hang-ups of whatever it watches, and a connected socket that is watched for its connect has nothing
 * else to tell. The selector lives for one round of the sweep, and only where there is somebody to ask about. Event loop only.
 */
final class HangUps {
    private static final Logger LOG = LoggerFactory.getLogger(HangUps.class);

    private Selector selector; // Null where there is nobody to ask about.

    /** Asks about this one, too. */
    void ask(SelectableChannel channel, Runnable hungUp) {
        try {
            if (selector == null) {
                selector = Selector.open();
            }
            channel.register(selector, SelectionKey.OP_CONNECT, hungUp);
        } catch (ClosedChannelException alreadyGone) {
            // It will show.
        } catch (IOException noDescriptors) {
            LOG.debug("nobody can be asked about", noDescriptors);
        }
    }

    /** The round is over: those that were reset hear of it. */
    void round() {
        if (selector == null) {
            return;
        }
        List<Runnable> found = new ArrayList<>();
        try (Selector asked = selector) {
            selector = null;
            asked.selectNow(key -> found.add((Runnable) key.attachment()));
        } catch (IOException cannotAsk) {
            LOG.debug("nobody can be asked about", cannotAsk);
        }
        found.forEach(Runnable::run);
    }
}
