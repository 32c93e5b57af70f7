package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.CloseReason;
import io.headrace.Server;
import io.headrace.tcp.Tcp;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ChatTest {
    private final ChatRoom room = new ChatRoom();

    @Test
    void everybodyHearsWhatAnybodySays() throws IOException {
        try (Server server = Chat.endpoint(Tcp.listen(0)).start();
                TestClient ada = new TestClient(server.port());
                TestClient bob = new TestClient(server.port())) {
            assertThat(ada.line()).isEqualTo("Welcome! What is your name?");
            ada.say("Ada\n");
            assertThat(ada.line()).isEqualTo("Hello, Ada. 1 here: Ada. Say something!");
            assertThat(ada.line()).isEqualTo("* Ada has come");

            assertThat(bob.line()).isEqualTo("Welcome! What is your name?");
            bob.say("Bob\n");
            assertThat(bob.line()).isEqualTo("Hello, Bob. 2 here: Ada, Bob. Say something!");
            assertThat(bob.line()).isEqualTo("* Bob has come");
            assertThat(ada.line()).isEqualTo("* Bob has come");

            bob.say("hello\n");
            assertThat(ada.line()).isEqualTo("Bob: hello");
            assertThat(bob.line()).isEqualTo("Bob: hello");

            bob.finish();
            assertThat(ada.line()).isEqualTo("* Bob has left");
        }
    }

    @Test
    void whoIsThereWhenTheServerStopsIsTold() throws IOException {
        Server server = Chat.endpoint(Tcp.listen(0)).start();
        try (TestClient ada = new TestClient(server.port())) {
            assertThat(ada.line()).isEqualTo("Welcome! What is your name?");

            server.close();

            assertThat(ada.rest()).isEqualTo("* the server is stopping\n");
        }
    }

    @Test
    void aNameIsTakenOnceAndFreeAgainAfterwards() {
        FakeMember first = new FakeMember(room).says("Ada");
        FakeMember second = new FakeMember(room).says("Ada");

        assertThat(second.heard()).endsWith("Ada is here already. What is your name?");

        first.session().closed(CloseReason.PEER_FINISHED);
        second.says("Ada");

        assertThat(second.heard()).contains("Hello, Ada. 1 here: Ada. Say something!");
    }

    @Test
    void aNameHasOneToTwentyCharacters() {
        FakeMember member = new FakeMember(room).says("  ").says("A".repeat(21));

        assertThat(member.heard())
                .filteredOn("A name has 1 to 20 characters. What is your name?"::equals)
                .hasSize(2);
    }

    @Test
    void controlCharactersReachNobodysTerminal() {
        FakeMember ada = new FakeMember(room).says("\u001b[31mAda");

        ada.says("\u0007ding");

        assertThat(ada.heard()).endsWith("\\x1b[31mAda: \\x07ding");
    }

    @Test
    void whoNeverToldANameDoesNotLeave() {
        FakeMember ada = new FakeMember(room).says("Ada");

        new FakeMember(room).session().closed(CloseReason.PEER_RESET);

        assertThat(ada.heard()).endsWith("* Ada has come");
    }

    @Test
    void whoReadsTooSlowlyMissesLinesAndIsToldHowMany() {
        FakeMember slow = new FakeMember(room).says("Slow");
        FakeMember ada = new FakeMember(room).says("Ada");

        slow.stopsReading();
        ada.says("one").says("two").says("three");
        slow.readsAgain();
        ada.says("four");

        assertThat(slow.heard()).endsWith("* Ada has come", "* you missed 3 lines", "Ada: four");
        assertThat(ada.heard()).endsWith("Ada: one", "Ada: two", "Ada: three", "Ada: four");
    }

    @Test
    void onlyTenNamesAreTold() {
        for (int i = 10; i < 21; i++) {
            new FakeMember(room).says("m" + i);
        }

        assertThat(room.census()).isEqualTo("11 here: m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, ...");
    }
}
