package io.headrace.samples;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Who is in the chat. Sessions live on several event loops and share this, so any thread may use it. */
final class ChatRoom {
    private static final int MAX_NAMES_TOLD = 10;

    private final Map<String, ChatSession> members = new ConcurrentHashMap<>();

    /** Whether the name was free. */
    boolean enter(String name, ChatSession session) {
        return members.putIfAbsent(name, session) == null;
    }

    void leave(String name) {
        members.remove(name);
    }

    void say(String line) {
        members.values().forEach(member -> member.hear(line));
    }

    /** As {@code 2 here: Ada, Bob}. */
    String census() {
        String names = members.keySet().stream().sorted().limit(MAX_NAMES_TOLD).collect(Collectors.joining(", "));
        return members.size() + " here: " + names + (members.size() > MAX_NAMES_TOLD ? ", ..." : "");
    }
}
