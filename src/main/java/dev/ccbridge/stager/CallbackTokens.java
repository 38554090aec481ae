package dev.ccbridge.stager;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Binds a completion callback to its task: who has the URL was given it by us, for this task.
 * Thread-safe.
 */
final class CallbackTokens {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String PURPOSE = "staging-completed\n";
  private final String stagerUrl;
  private final SecretKeySpec key;

  CallbackTokens(String stagerUrl, byte[] key) {
    this.stagerUrl = stagerUrl;
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /** The URL that the Receptor calls when the task has ended. */
  String url(String taskGuid) {
    return stagerUrl + "/v1/staging/" + taskGuid + "/completed?token=" + token(taskGuid);
  }

  /** Whether {@code token} is that of this task; takes the same time whatever is wrong. */
  boolean isGenuine(String taskGuid, String token) {
    return MessageDigest.isEqual(bytes(token(taskGuid)), bytes(token));
  }

  /** Whether a task with this callback URL was created by us, or by one with the same key. */
  boolean isOurs(String taskGuid, String callbackUrl) {
    var at = callbackUrl.indexOf("?token=");
    return at >= 0 && isGenuine(taskGuid, callbackUrl.substring(at + "?token=".length()));
  }

  private String token(String taskGuid) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(bytes(PURPOSE + taskGuid)));
    } catch (GeneralSecurityException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
