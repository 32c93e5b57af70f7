package io.headrace.torture;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGenerator;

/** Shows a test of a row as {@code B8 request, then shutdown of writing: theWholeAnswerThenFin}. */
final class RowNames extends DisplayNameGenerator.Standard {

    @Override
    public String generateDisplayNameForMethod(List<Class<?>> enclosing, Class<?> testClass, Method method) {
        List<String> rows = Rows.of(method);
        return rows.isEmpty()
                ? super.generateDisplayNameForMethod(enclosing, testClass, method)
                : rows.stream().map(row -> row + " " + Rows.NAMES.get(row)).collect(Collectors.joining(", ")) + ": "
                        + method.getName();
    }
}
