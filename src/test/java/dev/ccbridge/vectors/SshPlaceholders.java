package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;

/**
 * SSH keys are made anew for each LRP: the recordings have placeholders in their places. Ours are
 * replaced where they are what they should be; anything else stays, and so differs.
 */
final class SshPlaceholders {
  private static final String HOST_KEY = "-hostKey=";
  private static final String USER_KEY = "-authorizedKey=";
  private static final int BITS = 1024;

  private SshPlaceholders() {}

  /**
   * @param create a DesiredLRPCreateRequest; changed in place
   */
  static void replace(ObjectNode create) {
    if (!(create.path("routes").path("diego-ssh") instanceof ObjectNode route)) {
      return;
    }
    for (var action : create.path("action").path("codependent").path("actions")) {
      if (action.path("run").path("args") instanceof ArrayNode arguments) {
        replace(arguments, route);
      }
    }
  }

  private static void replace(ArrayNode arguments, ObjectNode route) {
    for (var i = 0; i < arguments.size(); i++) {
      var argument = arguments.get(i).asText();
      if (argument.startsWith(HOST_KEY)) {
        var key = publicKey(argument.substring(HOST_KEY.length()));
        if (fingerprint(key).equals(route.path("host_fingerprint").asText())) {
          arguments.set(i, TextNode.valueOf(HOST_KEY + "{{HOST_PRIVATE_KEY_PEM_RSA1024}}"));
          route.put("host_fingerprint", "{{HOST_FINGERPRINT_RSA1024}}");
        }
      } else if (argument.startsWith(USER_KEY)) {
        var key = publicKey(route.path("private_key").asText());
        var line = "ssh-rsa " + Base64.getEncoder().encodeToString(key) + "\n";
        if (argument.equals(USER_KEY + line)) {
          arguments.set(i, TextNode.valueOf(USER_KEY + "{{USER_AUTHORIZED_KEY_RSA1024}}"));
          route.put("private_key", "{{USER_PRIVATE_KEY_PEM_RSA1024}}");
        }
      }
    }
  }

  /** In SSH's wire format; empty for what is no PKCS#1 key of the right size. */
  private static byte[] publicKey(String pem) {
    var begin = "-----BEGIN RSA PRIVATE KEY-----\n";
    var end = "\n-----END RSA PRIVATE KEY-----\n";
    if (!pem.startsWith(begin) || !pem.endsWith(end)) {
      return new byte[0];
    }
    var body = pem.substring(begin.length(), pem.length() - end.length());
    var der = ByteBuffer.wrap(Base64.getMimeDecoder().decode(body));
    length(der);
    integer(der);
    var modulus = integer(der);
    var exponent = integer(der);
    return modulus.bitLength() == BITS ? wireFormat(exponent, modulus) : new byte[0];
  }

  private static BigInteger integer(ByteBuffer der) {
    var content = new byte[length(der)];
    der.get(content);
    return new BigInteger(content);
  }

  /** Of the next element, past its tag. */
  private static int length(ByteBuffer der) {
    der.get();
    var first = der.get() & 0xff;
    if (first < 0x80) {
      return first;
    }
    var length = 0;
    for (var i = 0; i < (first & 0x7f); i++) {
      length = length << 8 | der.get() & 0xff;
    }
    return length;
  }

  private static byte[] wireFormat(BigInteger exponent, BigInteger modulus) {
    var out = new ByteArrayOutputStream();
    for (var part :
        new byte[][] {
          "ssh-rsa".getBytes(StandardCharsets.US_ASCII),
          exponent.toByteArray(),
          modulus.toByteArray()
        }) {
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static String fingerprint(byte[] key) {
    try {
      return HexFormat.ofDelimiter(":").formatHex(MessageDigest.getInstance("MD5").digest(key));
    } catch (java.security.NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
