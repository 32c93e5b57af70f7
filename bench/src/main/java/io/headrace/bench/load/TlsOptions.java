package io.headrace.bench.load;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.util.List;
import javax.net.ssl.SSLException;
import picocli.CommandLine.Option;

/** Whom to trust, and who we are, toward {@code tls://} targets. */
final class TlsOptions {
    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description = "Trusts these certificates (PEM) instead of the JDK's.")
    private File ca;

    @Option(names = "--tls-insecure", description = "Trusts any certificate of any name.")
    private boolean insecure;

    @Option(
            names = "--tls-name",
            paramLabel = "NAME",
            description = "The name to ask for and to verify. Default: the target's host.")
    private String name;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Our certificate chain (PEM), with --tls-key.")
    private File certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key (PKCS#8, PEM).")
    private File key;

    String name() {
        return name;
    }

    /**
     * What connections are made with, or null where no target wants TLS.
     *
     * @throws IllegalArgumentException saying what is wrong with an option
     */
    SslContext context(List<Destination> destinations) {
        if (destinations.stream().noneMatch(to -> to.scheme() == Scheme.TLS)) {
            if (ca != null || insecure || name != null || certificate != null || key != null) {
                throw new IllegalArgumentException("--tls-...: only with a target tls://HOST:PORT");
            }
            return null;
        }
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("--tls-cert: only together with --tls-key");
        }
        if (insecure && ca != null) {
            throw new IllegalArgumentException("--tls-insecure: not together with --tls-ca");
        }
        SslContextBuilder builder = SslContextBuilder.forClient();
        try {
            if (insecure) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
            } else if (ca != null) {
                builder.trustManager(ca);
            }
            if (key != null) {
                builder.keyManager(certificate, key);
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException bad) {
            Throwable cause = bad.getCause() == null ? bad : bad.getCause();
            throw new IllegalArgumentException("--tls-...: " + bad.getMessage() + " (" + cause.getMessage() + ")", bad);
        }
    }
}
