package dev.ccbridge.devserver;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The key, the self-signed certificate for this machine's loopback names, and the bearer token of a
 * server. kubectl sends no token over plain HTTP, hence the certificate. Never printed.
 */
final class ServerIdentity {
  private static final String KEY = "identity.key";
  private static final String CERTIFICATE = "identity.certificate";
  private static final String TOKEN = "identity.token";
  private static final DateTimeFormatter GENERALIZED_TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final byte[] ECDSA_WITH_SHA256 =
      der(0x30, der(0x06, new byte[] {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2}));

  private final PrivateKey key;
  private final X509Certificate certificate;
  private final String token;

  private ServerIdentity(PrivateKey key, X509Certificate certificate, String token) {
    this.key = key;
    this.certificate = certificate;
    this.token = token;
  }

  /**
   * The one kept in the store, so that a kubeconfig outlives a restart; made when there is none.
   */
  static ServerIdentity of(ObjectStore store) {
    try {
      var kept = store.setting(KEY);
      if (kept.isPresent()) {
        return new ServerIdentity(
            KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(decode(kept.get()))),
            certificate(decode(store.setting(CERTIFICATE).orElseThrow())),
            store.setting(TOKEN).orElseThrow());
      }
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      var pair = generator.generateKeyPair();
      var made = new ServerIdentity(pair.getPrivate(), certificate(selfSigned(pair)), newToken());
      store.putSetting(KEY, encode(made.key.getEncoded()));
      store.putSetting(CERTIFICATE, encode(made.certificate.getEncoded()));
      store.putSetting(TOKEN, made.token);
      return made;
    } catch (GeneralSecurityException unsupported) {
      throw new IllegalStateException("this JDK cannot make a certificate", unsupported);
    }
  }

  private static String newToken() {
    var bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  String token() {
    return token;
  }

  /** For clients to trust. */
  String certificatePem() {
    try {
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
          + "\n-----END CERTIFICATE-----\n";
    } catch (CertificateException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  SSLContext sslContext() {
    try {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      keys.setKeyEntry("server", key, new char[0], new X509Certificate[] {certificate});
      var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, new char[0]);
      var context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException unsupported) {
      throw new IllegalStateException("this JDK cannot serve TLS", unsupported);
    }
  }

  private static X509Certificate certificate(byte[] encoded) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(encoded));
  }

  /** An X.509 v3 certificate in DER; the JDK can read such, but has no interface to make one. */
  private static byte[] selfSigned(KeyPair pair) throws GeneralSecurityException {
    var content =
        der(
            0x30,
            der(0xa0, der(0x02, new byte[] {2})),
            der(0x02, new BigInteger(63, new SecureRandom()).add(BigInteger.ONE).toByteArray()),
            ECDSA_WITH_SHA256,
            name(),
            der(
                0x30,
                time(Instant.now().minusSeconds(3_600)),
                time(Instant.parse("2099-01-01T00:00:00Z"))),
            name(),
            pair.getPublic().getEncoded(),
            der(0xa3, der(0x30, authorityExtension(), namesExtension())));
    var signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(pair.getPrivate());
    signature.update(content);
    return der(0x30, content, ECDSA_WITH_SHA256, der(0x03, new byte[] {0}, signature.sign()));
  }

  private static byte[] name() {
    var commonName =
        der(
            0x30,
            der(0x06, new byte[] {0x55, 4, 3}),
            der(0x0c, "cc-bridge-dev".getBytes(StandardCharsets.US_ASCII)));
    return der(0x30, der(0x31, commonName));
  }

  private static byte[] time(Instant at) {
    return der(0x18, GENERALIZED_TIME.format(at).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] authorityExtension() {
    return der(
        0x30,
        der(0x06, new byte[] {0x55, 0x1d, 0x13}),
        der(0x01, new byte[] {(byte) 0xff}),
        der(0x04, der(0x30, der(0x01, new byte[] {(byte) 0xff}))));
  }

  private static byte[] namesExtension() {
    var loopback6 = new byte[16];
    loopback6[15] = 1;
    var names =
        der(
            0x30,
            der(0x82, "localhost".getBytes(StandardCharsets.US_ASCII)),
            der(0x87, new byte[] {127, 0, 0, 1}),
            der(0x87, loopback6));
    return der(0x30, der(0x06, new byte[] {0x55, 0x1d, 0x11}), der(0x04, names));
  }

  private static byte[] der(int tag, byte[]... parts) {
    var body = new ByteArrayOutputStream();
    for (var part : parts) {
      body.writeBytes(part);
    }
    var out = new ByteArrayOutputStream();
    out.write(tag);
    var length = body.size();
    if (length >= 256) {
      out.write(0x82);
      out.write(length >> 8);
    } else if (length >= 128) {
      out.write(0x81);
    }
    out.write(length);
    out.writeBytes(body.toByteArray());
    return out.toByteArray();
  }

  private static byte[] decode(String text) {
    return Base64.getDecoder().decode(text);
  }

  private static String encode(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
