package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.ChannelStage;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.contract.ContractTest;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** How large the receive buffers of a connection are, and how often it is read in a row. */
class InflowTest extends ContractTest {

    @Override
    protected Backend backend() {
        return Backend.NIO;
    }

    private record Connected(Channel channel, Inflow inflow) {}

    /** Catches the first connection. */
    private record Catch(CompletableFuture<Connected> caught) implements ChannelStage<DuplexChannel> {
        @Override
        public Slot slot() {
            return Slot.ADMISSION;
        }

        @Override
        public PerLoop<DuplexChannel> open(Site site) {
            return loop -> (channel, line) -> caught.complete(
                    new Connected(channel, StreamConnection.of(line).inflow()));
        }
    }

    private void onConnection(Consumer<Inflow> test) throws Exception {
        CompletableFuture<Connected> caught = new CompletableFuture<>();
        Server server = start(Medium.setup(Medium.IN_MEMORY.listening())
                .loops(loops)
                .with(new Catch(caught))
                .reply(bytes -> bytes));
        closing(Medium.IN_MEMORY.dial(server.address()));
        Connected connected = caught.get(10, TimeUnit.SECONDS);
        await().until(() -> connected.channel.isRegistered());
        connected
                .channel
                .eventLoop()
                .submit(() -> {
                    connected.inflow.reset(connected.channel.config());
                    test.accept(connected.inflow);
                    connected.inflow.readComplete();
                })
                .get(10, TimeUnit.SECONDS);
    }

    private static void read(Inflow inflow, int bytes) {
        inflow.attemptedBytesRead(inflow.guess());
        inflow.lastBytesRead(bytes);
        inflow.incMessagesRead(1);
    }

    @Test
    void aReadThatFillsItsBufferDoublesTheNext() throws Exception {
        onConnection(inflow -> {
            assertThat(inflow.guess()).isEqualTo(2_048);
            read(inflow, 2_048);
            assertThat(inflow.guess()).isEqualTo(4_096);
            read(inflow, 4_095);
            assertThat(inflow.guess()).isEqualTo(4_096);
            for (int i = 0; i < 10; i++) {
                read(inflow, inflow.guess());
            }
            assertThat(inflow.guess()).isEqualTo(65_536);
        });
    }

    @Test
    void twoSmallReadsInARowHalveIt() throws Exception {
        onConnection(inflow -> {
            for (int i = 0; i < 5; i++) {
                read(inflow, inflow.guess());
            }
            assertThat(inflow.guess()).isEqualTo(65_536);
            read(inflow, 100);
            assertThat(inflow.guess()).isEqualTo(65_536);
            read(inflow, 30_000); // In between: it starts anew.
            read(inflow, 100);
            assertThat(inflow.guess()).isEqualTo(65_536);
            read(inflow, 100);
            assertThat(inflow.guess()).isEqualTo(32_768);
            for (int i = 0; i < 20; i++) {
                read(inflow, 1);
            }
            assertThat(inflow.guess()).isEqualTo(2_048);
        });
    }

    @Test
    void readingGoesOnWhileBuffersFillButNotForEver() throws Exception {
        onConnection(inflow -> {
            for (int i = 1; i < 16; i++) {
                read(inflow, inflow.guess());
                assertThat(inflow.continueReading()).isTrue();
            }
            read(inflow, inflow.guess());
            assertThat(inflow.continueReading()).isFalse();
        });
    }

    @Test
    void aBufferThatIsNotFullWasTheLast() throws Exception {
        onConnection(inflow -> {
            read(inflow, 100);
            assertThat(inflow.continueReading()).isFalse();
        });
    }

    @Test
    void nothingIsReadWhileItIsHeld() throws Exception {
        onConnection(inflow -> {
            read(inflow, inflow.guess());
            inflow.hold(Inflow.PRESSURE);
            inflow.hold(Inflow.IN_FLIGHT);
            assertThat(inflow.continueReading()).isFalse();
            inflow.letGo(Inflow.PRESSURE);
            assertThat(inflow.continueReading()).isFalse();
            inflow.letGo(Inflow.IN_FLIGHT);
            assertThat(inflow.continueReading()).isTrue();
        });
    }
}
