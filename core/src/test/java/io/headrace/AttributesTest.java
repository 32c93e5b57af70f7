package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AttributesTest {
    private static final Attribute<String> USER = Attribute.named("user");
    private static final Attribute<Integer> TRIES = Attribute.named("tries");

    @Test
    void nothingIsThereUntilItIsSet() {
        assertThat(Attributes.get(null, USER)).isNull();
        assertThat(Attributes.get(Attributes.with(null, TRIES, 1), USER)).isNull();
    }

    @Test
    void eachKeyHasItsOwnValue() {
        Attributes both = Attributes.with(Attributes.with(null, USER, "ada"), TRIES, 3);
        assertThat(Attributes.get(both, USER)).isEqualTo("ada");
        assertThat(Attributes.get(both, TRIES)).isEqualTo(3);
    }

    @Test
    void aLaterValueReplacesAnEarlierOneAndLeavesWhoReadsItAlone() {
        Attributes before = Attributes.with(null, USER, "ada");
        Attributes after = Attributes.with(before, USER, "grace");
        assertThat(Attributes.get(after, USER)).isEqualTo("grace");
        assertThat(Attributes.get(before, USER)).isEqualTo("ada");
        assertThat(Attributes.get(Attributes.with(after, USER, null), USER)).isNull();
    }

    @Test
    void keysOfOneNameAreTwoPlaces() {
        Attributes set = Attributes.with(null, USER, "ada");
        assertThat(Attributes.get(set, Attribute.<String>named("user"))).isNull();
    }

    @Test
    void theNewerValueStandsWhenTwoAreMerged() {
        Attributes older = Attributes.with(Attributes.with(null, USER, "ada"), TRIES, 3);
        Attributes merged = Attributes.merged(older, Attributes.with(null, USER, "grace"));
        assertThat(Attributes.get(merged, USER)).isEqualTo("grace");
        assertThat(Attributes.get(merged, TRIES)).isEqualTo(3);
        assertThat(Attributes.merged(null, older)).isNotNull();
        assertThat(Attributes.merged(older, null)).isSameAs(older);
    }
}
