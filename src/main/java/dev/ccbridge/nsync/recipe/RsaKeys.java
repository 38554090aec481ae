package dev.ccbridge.nsync.recipe;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Fresh RSA pairs of a fixed size, in the encodings of 2015. Thread-safe.
 *
 * <p>Differs from Diego: 2048 bits unless told otherwise, since today's ssh clients refuse 1024.
 * Source: diego-ssh/keys/rsa.go.
 */
public final class RsaKeys implements SshKeySource {
  /** Bits of a key, unless told otherwise. */
  public static final int DEFAULT_BITS = 2048;

  private static final int DER_INTEGER = 0x02;
  private static final int DER_SEQUENCE = 0x30;
  private static final int DER_LONG_FORM = 0x80;
  private static final int PEM_COLUMNS = 64;
  private final int bits;

  /**
   * @param bits size of each key
   */
  public RsaKeys(int bits) {
    this.bits = bits;
  }

  @Override
  public SshKeyPair next() {
    var generator = generator();
    generator.initialize(bits);
    var pair = generator.generateKeyPair();
    var publicKey = wireFormat((RSAPublicKey) pair.getPublic());
    return new SshKeyPair(
        pem((RSAPrivateCrtKey) pair.getPrivate()),
        "ssh-rsa " + Base64.getEncoder().encodeToString(publicKey) + "\n",
        HexFormat.ofDelimiter(":").formatHex(md5(publicKey)));
  }

  /** RFC 4253, section 6.6: the name, the exponent and the modulus, each with its length. */
  private static byte[] wireFormat(RSAPublicKey key) {
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

  /** RFC 8017, appendix A.1.2: a sequence of nine integers. */
  private static String pem(RSAPrivateCrtKey key) {
    var body = new ByteArrayOutputStream();
    for (var number :
        List.of(
            BigInteger.ZERO,
            key.getModulus(),
            key.getPublicExponent(),
            key.getPrivateExponent(),
            key.getPrimeP(),
            key.getPrimeQ(),
            key.getPrimeExponentP(),
            key.getPrimeExponentQ(),
            key.getCrtCoefficient())) {
      body.writeBytes(der(DER_INTEGER, number.toByteArray()));
    }
    var encoder = Base64.getMimeEncoder(PEM_COLUMNS, new byte[] {'\n'});
    return "-----BEGIN RSA PRIVATE KEY-----\n"
        + encoder.encodeToString(der(DER_SEQUENCE, body.toByteArray()))
        + "\n-----END RSA PRIVATE KEY-----\n";
  }

  private static byte[] der(int tag, byte[] content) {
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < DER_LONG_FORM) {
      out.write(content.length);
    } else {
      var length = BigInteger.valueOf(content.length).toByteArray();
      var from = length[0] == 0 ? 1 : 0;
      out.write(DER_LONG_FORM | (length.length - from));
      out.write(length, from, length.length - from);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static KeyPairGenerator generator() {
    try {
      return KeyPairGenerator.getInstance("RSA");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has RSA", e);
    }
  }

  private static byte[] md5(byte[] bytes) {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }
}
