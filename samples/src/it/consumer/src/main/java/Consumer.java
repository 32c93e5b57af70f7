import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.Codec;
import io.headrace.Server;
import io.headrace.tcp.Framing;
import io.headrace.tcp.Tcp;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;

/** Serves greetings and asks for one; ends with status 1 if the answer is not the one that the README promises. */
public final class Consumer {
    private Consumer() {}

    public static void main(String[] args) throws Exception {
        Server server = Tcp.listen(0)
                .with(Framing.lines(1_024))
                .codec(Codec.utf8())
                .reply(name -> "Hello, " + name + "!")
                .start();
        String answer = ask(server.port(), "Ada");
        server.close();
        System.out.println(answer);
        System.exit("Hello, Ada!".equals(answer) ? 0 : 1);
    }

    private static String ask(int port, String name) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write((name + "\n").getBytes(UTF_8));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
        }
    }
}
