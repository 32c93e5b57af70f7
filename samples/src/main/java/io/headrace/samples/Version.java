package io.headrace.samples;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says; the build fills the numbers in. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
        Properties numbers = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            numbers.load(in);
        }
        return new String[] {
            "Headrace " + numbers.getProperty("headrace") + " (Netty " + numbers.getProperty("netty") + ", Java "
                    + Runtime.version() + ")"
        };
    }
}
