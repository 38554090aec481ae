package dev.ccbridge.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Puts the placeholders of the recordings where random ssh keys are, which must be pairs. */
final class SshPlaceholders {
  private static final int BITS = 1024;

  /** AlgorithmIdentifier rsaEncryption with NULL parameters, as PKCS#8 wraps a PKCS#1 key. */
  private static final String RSA_ALGORITHM = "020100300d06092a864886f70d0101010500";

  private static final String HOST_KEY = "-hostKey=";
  private static final String AUTHORIZED_KEY = "-authorizedKey=";

  private SshPlaceholders() {}

  /** In the body of a create; nothing where there is no ssh server. */
  static void put(JsonNode body) throws GeneralSecurityException {
    var ssh = body.at("/routes/diego-ssh");
    var args = body.at("/action/codependent/actions/1/run/args");
    if (ssh instanceof ObjectNode route && args instanceof ArrayNode sshd) {
      var host = wire(key(argument(sshd, HOST_KEY)));
      assertThat(route.path("host_fingerprint").asText())
          .isEqualTo(
              HexFormat.ofDelimiter(":").formatHex(MessageDigest.getInstance("MD5").digest(host)));
      var user = wire(key(route.path("private_key").asText()));
      assertThat(argument(sshd, AUTHORIZED_KEY))
          .isEqualTo("ssh-rsa " + Base64.getEncoder().encodeToString(user) + "\n");
      assertThat(host).isNotEqualTo(user);
      route.put("host_fingerprint", "{{HOST_FINGERPRINT_RSA1024}}");
      route.put("private_key", "{{USER_PRIVATE_KEY_PEM_RSA1024}}");
      replace(sshd, HOST_KEY, "{{HOST_PRIVATE_KEY_PEM_RSA1024}}");
      replace(sshd, AUTHORIZED_KEY, "{{USER_AUTHORIZED_KEY_RSA1024}}");
    }
  }

  private static String argument(ArrayNode args, String name) {
    for (var arg : args) {
      if (arg.asText().startsWith(name)) {
        return arg.asText().substring(name.length());
      }
    }
    throw new AssertionError("no argument " + name);
  }

  private static void replace(ArrayNode args, String name, String placeholder) {
    for (var i = 0; i < args.size(); i++) {
      if (args.get(i).asText().startsWith(name)) {
        args.set(i, TextNode.valueOf(name + placeholder));
      }
    }
  }

  private static RSAPrivateCrtKey key(String pem) throws GeneralSecurityException {
    assertThat(pem)
        .startsWith("-----BEGIN RSA PRIVATE KEY-----\n")
        .endsWith("-----END RSA PRIVATE KEY-----\n");
    var pkcs1 = Base64.getDecoder().decode(pem.replaceAll("-----[^-]*-----|\n", ""));
    var inner =
        HexFormat.of().parseHex(RSA_ALGORITHM + "0482" + String.format("%04x", pkcs1.length));
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        HexFormat.of().parseHex("3082" + String.format("%04x", inner.length + pkcs1.length)));
    out.writeBytes(inner);
    out.writeBytes(pkcs1);
    var key =
        (RSAPrivateCrtKey)
            KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(out.toByteArray()));
    assertThat(key.getModulus().bitLength()).isEqualTo(BITS);
    return key;
  }

  private static byte[] wire(RSAPrivateCrtKey key) {
    var out = new ByteArrayOutputStream();
    for (var part :
        List.of(
            "ssh-rsa".getBytes(StandardCharsets.US_ASCII),
            key.getPublicExponent().toByteArray(),
            key.getModulus().toByteArray())) {
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
