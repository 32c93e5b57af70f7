package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void readsWhatItWrites() {
        Object value = Map.of(
                "text", "a \"quoted\" \\ line\n</script>\u2028",
                "list", Arrays.asList(1L, -2.5, true, null, List.of()),
                "map", Map.of());

        assertThat(Json.read(Json.write(value))).isEqualTo(value);
    }

    @Test
    void canStandInsideAPage() {
        assertThat(Json.write("</script>")).doesNotContain("<");
    }

    @Test
    void readsWhatOthersWrite() {
        assertThat(Json.read(" { \"a\" : [ 1 , 2.0e3 , \"\\u0041\\n\\/\" ] , \"b\" : null } \n"))
                .hasToString("{a=[1, 2000.0, A\n/], b=null}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1", "{\"a\" 1}", "nul", "1 2", "\"\\x\"", "\"\\u12", "-", "{1:2}"})
    void saysWhereItIsNoJson(String text) {
        assertThatThrownBy(() -> Json.read(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no JSON at character ");
    }
}
