package io.headrace.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** One HTML page that needs no network: its style, its scripts and what they show are inside. */
public final class Page {
    private Page() {}

    /**
     * A page that a script draws, with what all pages have in common: {@code page.js}.
     *
     * @param beside a class that the script lies beside
     * @param data what it shows, as {@link Json} takes it
     */
    public static String of(String title, Class<?> beside, String script, Object data) {
        return resource(Page.class, "page.html")
                .replace("/*TITLE*/", title)
                .replace("/*COMMON*/", resource(Page.class, "page.js"))
                .replace("/*SCRIPT*/", resource(beside, script))
                .replace("/*DATA*/", Json.write(data));
    }

    private static String resource(Class<?> beside, String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
