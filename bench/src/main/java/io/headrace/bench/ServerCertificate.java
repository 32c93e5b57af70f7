package io.headrace.bench;

import io.headrace.bench.load.Scheme;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.NetUtil;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import picocli.CommandLine.Option;

/** Who the server of {@code tls://} targets says it is: a certificate and its key from files, or made at start. */
final class ServerCertificate {
    private static final Duration VALID = Duration.ofDays(365);

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "With tls://: the certificate chain (PEM), with --tls-key. Default: one made at start.")
    private File certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key (PKCS#8, PEM).")
    private File key;

    private X509Bundle made;
    private Set<String> names;

    /**
     * What is served with, or null where no target wants TLS. By the JDK's TLS, whatever else is on the class path.
     *
     * @throws IllegalArgumentException saying what is wrong with an option
     */
    SslContext context(List<Target> targets) {
        if (targets.stream().noneMatch(target -> target.scheme() == Scheme.TLS)) {
            if (certificate != null || key != null) {
                throw new IllegalArgumentException("--tls-...: only with a target tls://HOST:PORT");
            }
            return null;
        }
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("--tls-cert: only together with --tls-key");
        }
        try {
            return builder(targets).sslProvider(SslProvider.JDK).build();
        } catch (SSLException | IllegalArgumentException bad) {
            Throwable cause = bad.getCause() == null ? bad : bad.getCause();
            throw new IllegalArgumentException("--tls-...: " + bad.getMessage() + " (" + cause.getMessage() + ")", bad);
        }
    }

    private SslContextBuilder builder(List<Target> targets) {
        if (certificate != null) {
            return SslContextBuilder.forServer(certificate, key);
        }
        names = names(targets);
        made = make(names);
        return SslContextBuilder.forServer(made.getKeyPair().getPrivate(), made.getCertificatePath());
    }

    /** Those of this machine's loopback, and those that are served. */
    private static Set<String> names(List<Target> targets) {
        Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
        for (Target target : targets) {
            if (target.scheme() == Scheme.TLS) {
                names.add(((InetSocketAddress) target.address()).getHostString());
            }
        }
        return names;
    }

    private static X509Bundle make(Set<String> names) {
        CertificateBuilder builder = new CertificateBuilder()
                .subject("CN=headrace serve")
                .notAfter(Instant.now().plus(VALID))
                .setIsCertificateAuthority(true) // Or it could not sign itself.
                .ecp256();
        for (String name : names) {
            if (NetUtil.isValidIpV4Address(name) || NetUtil.isValidIpV6Address(name)) {
                builder.addSanIpAddress(name);
            } else {
                builder.addSanDnsName(name);
            }
        }
        try {
            return builder.buildSelfSigned();
        } catch (Exception cannot) {
            throw new IllegalStateException("cannot make a certificate: " + cannot.getMessage(), cannot);
        }
    }

    /** After {@link #context}: in words. One that was made is in a file that this names, until the JVM ends. */
    String howToTrustIt() {
        if (made == null) {
            return "the certificate in " + certificate + trustedWith(certificate);
        }
        String what = "a certificate made now for " + String.join(", ", names);
        try {
            Path file = Files.createTempFile("headrace-", ".pem");
            file.toFile().deleteOnExit();
            Files.writeString(file, made.getCertificatePEM());
            return what + trustedWith(file);
        } catch (IOException cannot) {
            return what + "; load trusts it with --tls-insecure (cannot write it: " + cannot + ")";
        }
    }

    private static String trustedWith(Object file) {
        return "; load trusts it with --tls-ca " + file + ", or any with --tls-insecure";
    }
}
