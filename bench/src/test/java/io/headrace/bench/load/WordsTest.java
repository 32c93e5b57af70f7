package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {

    @Test
    void harmlessWordsStandAsTheyAre() {
        assertThat(Words.line(List.of("-R", "100:10k", "--json", "a/b.json", "tcp://127.0.0.1:9001")))
                .isEqualTo("-R 100:10k --json a/b.json tcp://127.0.0.1:9001");
    }

    @Test
    void othersAreQuotedForAShell() {
        assertThat(Words.line(List.of("Ada Lovelace", "", "Ada\\n", "p99<5ms", "it's")))
                .isEqualTo("'Ada Lovelace' '' 'Ada\\n' 'p99<5ms' 'it'\\''s'");
    }

    @Test
    void noWordBreaksTheLine() {
        assertThat(Words.line(List.of("one\ntwo's \\t"))).isEqualTo("$'one\\012two\\'s \\\\t'");
    }
}
