package io.headrace;

/**
 * A place for something of yours on a {@link Connection}: who has logged in there, or a stage's own state.
 *
 * <p>Each is a place of its own, whatever its name, so keep it in a static final field: {@code Attribute<User> USER =
 * Attribute.named("user")}. A connection pays for those that were set on it only.
 *
 * <p>A channel stage finds the connection on its {@link Line}, a session or a conversation has it, and to a handler or a message stage of a
 * stream the {@linkplain Exchange#peer() peer} is the connection.
 *
 * @param <T> what is put there
 */
public final class Attribute<T> {
    private final String name;

    private Attribute(String name) {
        this.name = name;
    }

    /** A new place; the name is for people. */
    public static <T> Attribute<T> named(String name) {
        return new Attribute<>(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
