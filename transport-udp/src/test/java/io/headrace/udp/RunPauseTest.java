package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many datagrams leave by themselves after a run that was refused. */
class RunPauseTest {
    private final RunPause pause = new RunPause();

    private int lasts() {
        int datagrams = 0;
        while (!pause.over()) {
            datagrams++;
        }
        return datagrams;
    }

    @Test
    void eachRefusalDoublesIt() {
        assertThat(lasts()).isZero();
        pause.begin();
        assertThat(lasts()).isEqualTo(64);
        pause.begin();
        assertThat(lasts()).isEqualTo(128);
        for (int i = 0; i < 20; i++) {
            pause.begin();
            lasts();
        }
        pause.begin();
        assertThat(lasts()).isEqualTo(65_536);
    }

    @Test
    void aRunThatIsTakenMakesItShort() {
        pause.begin();
        lasts();
        pause.taken();
        pause.begin();
        assertThat(lasts()).isEqualTo(64);
    }

    @Test
    void runsThatWereUnderWayDoNotMakeItLonger() {
        pause.begin();
        pause.begin();
        assertThat(lasts()).isEqualTo(64);
    }
}
