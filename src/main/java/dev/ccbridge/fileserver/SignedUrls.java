package dev.ccbridge.fileserver;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.web.Request;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * URLs of blobs that are their own permission: a token says what may be done with which blob until
 * when, and nobody without our key can make one. Whoever has the URL has the permission, so it
 * belongs in no log. Thread-safe.
 *
 * <p>Form: {@code …/v1/blobs/<key>?token=<accesses>.<HMAC-SHA256, base64url>&expires=<seconds since
 * the epoch, or never>}.
 */
public final class SignedUrls {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final String NEVER = "never";
  private static final Pattern EXPIRES = Pattern.compile(NEVER + "|[0-9]{1,18}");
  private static final String KEY_FILE = "url-signing.key";

  /** What a URL permits. */
  public enum Access {
    /** GET and HEAD. */
    READ('r'),
    /** PUT and POST. */
    WRITE('w'),
    /** DELETE. */
    DELETE('d');

    private final char letter;

    Access(char letter) {
      this.letter = letter;
    }
  }

  private final SecretKeySpec key;
  private final Supplier<URI> server;
  private final Clock clock;

  private SignedUrls(byte[] key, Supplier<URI> server, Clock clock) {
    this.key = new SecretKeySpec(key, ALGORITHM);
    this.server = server;
    this.clock = clock;
  }

  /**
   * Signs with the key in {@code dataDirectory}, which is made at the first start, so that URLs
   * outlive a restart. Open the {@link BlobStore} first: it keeps other processes out.
   *
   * @param server scheme, host and port under which others reach us; asked for at each signing, so
   *     that serving may begin later
   * @throws CcBridgeException UNAVAILABLE when the key cannot be read or made
   */
  public static SignedUrls open(Path dataDirectory, Supplier<URI> server, Clock clock) {
    var file = dataDirectory.resolve(KEY_FILE);
    try {
      Directories.create(dataDirectory);
      if (!Files.exists(file)) {
        create(file);
      }
      var key = Files.readAllBytes(file);
      if (key.length != KEY_BYTES) {
        throw new IOException("has " + key.length + " bytes, wanted " + KEY_BYTES);
      }
      return new SignedUrls(key, server, clock);
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "signing key " + file + ": cannot be used: " + failure.getMessage(),
          failure);
    }
  }

  /**
   * A URL for these accesses that is good for {@code validity} from now on.
   *
   * @throws CcBridgeException INVALID_REQUEST when {@code key} is no blob key
   */
  public URI sign(String key, Set<Access> access, Duration validity) {
    if (!validity.isPositive()) {
      throw new IllegalArgumentException("validity: was " + validity + ", wanted > 0");
    }
    return sign(key, access, String.valueOf(clock.instant().plus(validity).getEpochSecond()));
  }

  /** A URL for these accesses that never expires; it ends only with the signing key. */
  public URI signForever(String key, Set<Access> access) {
    return sign(key, access, NEVER);
  }

  private URI sign(String key, Set<Access> access, String expires) {
    if (access.isEmpty()) {
      throw new IllegalArgumentException("access: was empty, wanted at least one");
    }
    var letters = new StringBuilder();
    EnumSet.copyOf(access).forEach(one -> letters.append(one.letter));
    var path = FileServerRoutes.BLOBS + new BlobKey(key).text();
    var token = token(letters.toString(), expires, key);
    return URI.create(server.get() + path + "?token=" + token + "&expires=" + expires);
  }

  /** Whether the request's URL permits {@code access} to the blob {@code key} now. */
  boolean permits(Request request, Access access, String key) {
    var token = request.query("token").orElse("");
    var expires = request.query("expires").orElse("");
    if (!EXPIRES.matcher(expires).matches()) {
      return false;
    }
    var letters = token.substring(0, Math.max(token.indexOf('.'), 0));
    // In constant time: the place of the first difference must not be measurable.
    var genuine =
        MessageDigest.isEqual(
            token(letters, expires, key).getBytes(StandardCharsets.UTF_8),
            token.getBytes(StandardCharsets.UTF_8));
    return genuine && letters.indexOf(access.letter) >= 0 && !hasPassed(expires);
  }

  private boolean hasPassed(String expires) {
    return !expires.equals(NEVER) && clock.instant().getEpochSecond() >= Long.parseLong(expires);
  }

  /** What we sign has two line ends; a forged part that holds one fits nothing that we signed. */
  private String token(String letters, String expires, String blobKey) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      var signed = letters + "\n" + expires + "\n" + blobKey;
      var code = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      return letters + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(code);
    } catch (GeneralSecurityException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    }
  }

  /** Renamed into place, so that a key that exists is whole. */
  private static void create(Path file) throws IOException {
    var bytes = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(bytes);
    var temporary = file.resolveSibling(KEY_FILE + ".new");
    Files.deleteIfExists(temporary);
    try (var channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(ByteBuffer.wrap(bytes));
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    Directories.sync(Directories.of(file));
  }
}
