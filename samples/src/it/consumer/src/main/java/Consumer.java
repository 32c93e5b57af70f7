import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.Codec;
import io.headrace.Server;
import io.headrace.tcp.Framing;
import io.headrace.tcp.Tcp;
import java.io.IOException;
import java.net.Socket;

/** Runs the README's ten lines; ends with status 1 unless both servers answer as the README promises. */
public final class Consumer {
    private Consumer() {}

    public static void main(String[] args) throws IOException {
        int greetingPort = 0;
        int linesPort = 0;
        // tag::ten-lines[]
        // Greets whoever connects, and closes.
        Server greeting = Tcp.listen(greetingPort)
                .onConnect(connection -> connection.sendAndClose("Thank you for connecting"))
                .start();

        // Answers each line of text with a line of text.
        Server lines = Tcp.listen(linesPort)
                .with(Framing.lines(1_024))
                .codec(Codec.utf8())
                .reply(name -> "Hello, " + name + "!")
                .start();
        // end::ten-lines[]
        String greeted = ask(greeting.port(), "");
        String answered = ask(lines.port(), "Ada\n");
        greeting.close();
        lines.close();
        System.out.println(greeted + "\n" + answered);
        System.exit(greeted.equals("Thank you for connecting") && answered.equals("Hello, Ada!\n") ? 0 : 1);
    }

    private static String ask(int port, String question) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(question.getBytes(UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
