package io.headrace.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Which version of a library is really on the class path. */
public final class Versions {
    private static final String UNKNOWN = "of an unknown version";

    private Versions() {}

    /**
     * As the manifest of its jar says, or else as Maven wrote into it.
     *
     * @param type a class of it
     * @param coordinates its group and artifact, with a slash between
     */
    public static String of(Class<?> type, String coordinates) {
        String manifest = type.getPackage().getImplementationVersion();
        if (manifest != null) {
            return manifest;
        }
        try (InputStream in = type.getResourceAsStream("/META-INF/maven/" + coordinates + "/pom.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", UNKNOWN);
        } catch (IOException unreadable) {
            return UNKNOWN;
        }
    }

    /** Headrace's own, and the commit that it was built from where it runs from a checkout: {@code 0.1.0 (commit 912ed7a)}. */
    public static String own() {
        try (InputStream in = Versions.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            String commit = commit();
            return properties.getProperty("version") + (commit.isEmpty() ? "" : " (commit " + commit + ")");
        } catch (IOException unreadable) {
            return UNKNOWN;
        }
    }

    /** As git says it, with {@code -dirty} behind where something is not committed; empty where it does not. */
    private static String commit() {
        try {
            Path classes = Path.of(Versions.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Process git = new ProcessBuilder("git", "describe", "--always", "--exclude=*", "--dirty")
                    .directory((Files.isDirectory(classes) ? classes : classes.getParent()).toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            git.getOutputStream().close();
            String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 ? commit : "";
        } catch (IOException | URISyntaxException noGit) {
            return "";
        } catch (InterruptedException told) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
