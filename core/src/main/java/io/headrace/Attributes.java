package io.headrace;

import java.util.Arrays;

/** What was set on one connection: immutable, and null until something was. For transports. */
public final class Attributes {
    /** Keys and values in turn: there are few, and they take no more than that. */
    private final Object[] pairs;

    private Attributes(Object[] pairs) {
        this.pairs = pairs;
    }

    /** The value in {@code attributes}, which may be null. */
    @SuppressWarnings("unchecked") // Only with() puts values there, each under the key of its type.
    public static <T> T get(Attributes attributes, Attribute<T> key) {
        int at = attributes == null ? -1 : attributes.indexOf(key);
        return at < 0 ? null : (T) attributes.pairs[at + 1];
    }

    /** {@code attributes}, which may be null, with this value, which may be null, too. */
    public static <T> Attributes with(Attributes attributes, Attribute<T> key, T value) {
        return put(attributes, key, value);
    }

    /** Both, each of which may be null; where both have a value the newer one stands. */
    public static Attributes merged(Attributes older, Attributes newer) {
        Attributes all = older;
        for (int i = 0; newer != null && i < newer.pairs.length; i += 2) {
            all = put(all, newer.pairs[i], newer.pairs[i + 1]);
        }
        return all;
    }

    private static Attributes put(Attributes attributes, Object key, Object value) {
        Object[] old = attributes == null ? new Object[0] : attributes.pairs;
        int at = attributes == null ? -1 : attributes.indexOf(key);
        Object[] pairs = Arrays.copyOf(old, at < 0 ? old.length + 2 : old.length);
        at = at < 0 ? old.length : at;
        pairs[at] = key;
        pairs[at + 1] = value;
        return new Attributes(pairs);
    }

    private int indexOf(Object key) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i] == key) {
                return i;
            }
        }
        return -1;
    }
}
