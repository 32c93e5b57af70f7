package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.AnnotatedElement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rows of the torture list that Headrace answers for: id to name, in the order of the list. */
final class Rows {
    static final Map<String, String> NAMES = read(2);
    /** Rows that have a test in another module, next to the code: module and class; or a command of its own. */
    static final Map<String, String> ELSEWHERE = read(3);
    /** What a row leaves out, or says otherwise than the list does, and why. */
    static final Map<String, String> NOTES = read(4);

    private Rows() {}

    private static Map<String, String> read(int column) {
        try (InputStream file = Rows.class.getResourceAsStream("rows.tsv")) {
            Map<String, String> names = new LinkedHashMap<>();
            for (String line : new String(file.readAllBytes(), UTF_8).lines().toList()) {
                String[] cells = line.split("\t");
                if (cells.length > column && !cells[column].isEmpty()) {
                    names.put(cells[0], cells[column]);
                }
            }
            return names;
        } catch (IOException cannotRead) {
            throw new ExceptionInInitializerError(cannotRead);
        }
    }

    /** The rows that this class or method says it is. */
    static List<String> of(AnnotatedElement test) {
        Row row = test.getAnnotation(Row.class);
        return row == null ? List.of() : List.of(row.value());
    }
}
