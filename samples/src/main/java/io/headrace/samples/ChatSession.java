package io.headrace.samples;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Session;
import io.headrace.Text;
import java.util.concurrent.atomic.AtomicInteger;

/** One member: first a name, then whatever they say. */
final class ChatSession implements Session<String> {
    private static final int MAX_NAME_LENGTH = 20;

    private final ChatRoom room;
    private final Connection<String> me;
    private final AtomicInteger missed = new AtomicInteger();
    private String name; // Null until they have told it.

    ChatSession(ChatRoom room, Connection<String> me) {
        this.room = room;
        this.me = me;
    }

    @Override
    public void opened() {
        me.send("Welcome! What is your name?");
    }

    @Override
    public void received(String line) {
        String text = Text.printable(line.strip()); // It goes to other people's terminals.
        if (name == null) {
            introduce(text);
        } else if (!text.isEmpty()) {
            room.say(name + ": " + text);
        }
    }

    private void introduce(String wanted) {
        if (wanted.isEmpty() || wanted.length() > MAX_NAME_LENGTH) {
            me.send("A name has 1 to " + MAX_NAME_LENGTH + " characters. What is your name?");
        } else if (!room.enter(wanted, this)) {
            me.send(wanted + " is here already. What is your name?");
        } else {
            name = wanted;
            me.send("Hello, " + name + ". " + room.census() + ". Say something!");
            room.say("* " + name + " has come");
        }
    }

    /** Any thread. Who reads too slowly misses lines, and is told how many: nobody else waits for them. */
    void hear(String line) {
        if (!me.send(line) && missed.getAndIncrement() == 0) {
            me.whenWritable(() -> me.send("* you missed " + missed.getAndSet(0) + " lines"));
        }
    }

    @Override
    public boolean draining() {
        me.send("* the server is stopping");
        return true;
    }

    @Override
    public void closed(CloseReason reason) {
        if (name != null) {
            room.leave(name);
            room.say("* " + name + " has left");
        }
    }
}
