package dev.ccbridge.nsync.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RsaKeysTest {
  /** AlgorithmIdentifier rsaEncryption with NULL parameters, as PKCS#8 wraps a PKCS#1 key. */
  private static final String RSA_ALGORITHM = "020100300d06092a864886f70d0101010500";

  @ParameterizedTest
  @ValueSource(ints = {1024, 2048})
  void thePrivateKeyTheAuthorizedKeyAndTheFingerprintAreOfOnePair(int bits) throws Exception {
    var pair = new RsaKeys(bits).next();

    var lines = pair.privateKeyPem().split("\n");
    assertThat(lines[0]).isEqualTo("-----BEGIN RSA PRIVATE KEY-----");
    assertThat(lines[lines.length - 1]).isEqualTo("-----END RSA PRIVATE KEY-----");
    assertThat(lines[1]).hasSize(64);
    assertThat(pair.privateKeyPem()).endsWith("-----\n");
    var key = privateKey(String.join("", java.util.Arrays.copyOfRange(lines, 1, lines.length - 1)));
    assertThat(key.getModulus().bitLength()).isEqualTo(bits);

    assertThat(pair.authorizedKey()).matches("ssh-rsa [A-Za-z0-9+/]+=*\n");
    var wire = Base64.getDecoder().decode(pair.authorizedKey().trim().split(" ")[1]);
    try (var in = new DataInputStream(new java.io.ByteArrayInputStream(wire))) {
      assertThat(new String(field(in))).isEqualTo("ssh-rsa");
      assertThat(new BigInteger(field(in))).isEqualTo(key.getPublicExponent());
      assertThat(new BigInteger(field(in))).isEqualTo(key.getModulus());
      assertThat(in.available()).isZero();
    }
    assertThat(pair.fingerprint())
        .hasSize(47)
        .isEqualTo(
            HexFormat.ofDelimiter(":").formatHex(MessageDigest.getInstance("MD5").digest(wire)));
  }

  private static byte[] field(DataInputStream in) throws Exception {
    return in.readNBytes(in.readInt());
  }

  private static RSAPrivateCrtKey privateKey(String base64) throws Exception {
    var pkcs1 = Base64.getDecoder().decode(base64);
    var inner =
        HexFormat.of().parseHex(RSA_ALGORITHM + "0482" + String.format("%04x", pkcs1.length));
    var out = new java.io.ByteArrayOutputStream();
    out.writeBytes(
        HexFormat.of().parseHex("3082" + String.format("%04x", inner.length + pkcs1.length)));
    out.writeBytes(inner);
    out.writeBytes(pkcs1);
    return (RSAPrivateCrtKey)
        KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(out.toByteArray()));
  }
}
