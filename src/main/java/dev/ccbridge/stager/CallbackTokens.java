package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.receptor.model.TaskResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Binds a completion callback to its task and to the request that the task is for: who has the URL
 * was given it by us, for this task. Pure; thread-safe.
 */
final class CallbackTokens {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String PURPOSE = "staging-completed";
  private static final String PARAMETER = "?token=";
  private final String stagerUrl;
  private final SecretKeySpec key;

  CallbackTokens(String stagerUrl, byte[] key) {
    this.stagerUrl = stagerUrl;
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /** The URL that the Receptor calls when the task has ended; {@code uid}: of the request. */
  String url(String taskGuid, String uid) {
    return stagerUrl
        + "/v1/staging/"
        + taskGuid
        + "/completed"
        + PARAMETER
        + uid
        + "."
        + signature(taskGuid, uid);
  }

  /**
   * The uid of the request that a callback for this task with this token is about; empty for a
   * token that is not ours. Takes the same time whatever is wrong with it.
   */
  Optional<String> uid(String taskGuid, String token) {
    var dot = Math.max(token.lastIndexOf('.'), 0);
    var uid = token.substring(0, dot);
    var expected = uid + "." + signature(taskGuid, uid);
    return MessageDigest.isEqual(bytes(expected), bytes(token))
        ? Optional.of(uid)
        : Optional.empty();
  }

  /** The uid of the request that a task was made for; empty when we did not make it. */
  Optional<String> uidOf(TaskResponse task) {
    var url = task.completionCallbackUrl();
    var at = url.indexOf(PARAMETER);
    return at < 0 ? Optional.empty() : uid(task.taskGuid(), url.substring(at + PARAMETER.length()));
  }

  /**
   * Whether the task is the request's own. A guid that CC chose may be in use by somebody else; a
   * uid never is.
   */
  boolean belongs(TaskResponse task, StagingRequest request) {
    return request.getSpec().stagingGuid() == null
        || uidOf(task).filter(request.getMetadata().getUid()::equals).isPresent();
  }

  private String signature(String taskGuid, String uid) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(bytes(String.join("\n", PURPOSE, taskGuid, uid))));
    } catch (GeneralSecurityException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
