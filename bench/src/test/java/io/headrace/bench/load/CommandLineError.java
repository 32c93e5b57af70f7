package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

/** Words that are refused before anything is sent. */
final class CommandLineError {
    private CommandLineError() {}

    static void expect(String words, String message) {
        Loading loading = Loading.of(words);

        assertThat(loading.status()).isEqualTo(2);
        assertThat(loading.err()).contains(message);
        assertThat(loading.out()).isEmpty();
    }
}
