package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.cloudcontroller.model.StagingErrorId;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/**
 * One app and how far it is. Thread-safe; each method is one step that others see as a whole.
 * Nothing here talks to anybody.
 */
final class App {
  private static final int MAX_EVENTS = 1_000;
  private static final int GUID_LENGTH = 36;
  private static final String STAGING_TIME_EXPIRED = "StagingTimeExpired";

  /** CC's words for how far the staging of an app's bits is. */
  enum PackageState {
    PENDING,
    STAGED,
    FAILED
  }

  /**
   * What is known after a staging. {@code executionMetadata}: JSON as text; {@code image}: of
   * docker apps, a cached one or empty.
   */
  record Staged(
      String executionMetadata, String startCommand, String detectedBuildpack, String image) {
    static final Staged NOTHING = new Staged("", "", "", "");
  }

  /** Everything at one moment. {@code dropletHash}: SHA-1 in hex, empty when there is none. */
  record Snapshot(
      long id,
      String guid,
      AppSettings settings,
      boolean started,
      String version,
      String stagingTaskId,
      PackageState packageState,
      Staged staged,
      String dropletHash,
      Instant updatedAt) {
    String processGuid() {
      return guid + "-" + version;
    }

    String stagingGuid() {
      return guid + "-" + stagingTaskId;
    }

    boolean isStaging() {
      return !stagingTaskId.isEmpty() && packageState == PackageState.PENDING;
    }

    /** Shall run, and can. */
    boolean runs() {
      return started && packageState == PackageState.STAGED;
    }

    /** {@code updated_at} as Ruby prints a float: seconds with their fraction. */
    String etag() {
      var micros = ChronoUnit.MICROS.between(Instant.EPOCH, updatedAt);
      var seconds = BigDecimal.valueOf(micros, 6).stripTrailingZeros();
      return seconds.scale() <= 0 ? seconds.setScale(1).toPlainString() : seconds.toPlainString();
    }
  }

  private final long id;
  private final String guid = UUID.randomUUID().toString();
  private final Instant createdAt = now();
  private final Deque<ObjectNode> events = new ArrayDeque<>();
  private AppSettings settings;
  private boolean started;
  private boolean hasBits;
  private String version = UUID.randomUUID().toString();
  private String stagingTaskId = "";
  private PackageState packageState = PackageState.PENDING;
  private String failureReason = "";
  private String failureDescription = "";
  private Staged staged = Staged.NOTHING;
  private String dropletHash = "";
  private Instant updatedAt = createdAt;

  App(long id, AppSettings settings) {
    this.id = id;
    this.settings = settings;
  }

  /** CC cuts guids by position. */
  static String guidOf(String processOrStagingGuid) {
    return processOrStagingGuid.length() <= GUID_LENGTH
        ? processOrStagingGuid
        : processOrStagingGuid.substring(0, GUID_LENGTH);
  }

  static String restOf(String processOrStagingGuid) {
    return processOrStagingGuid.length() <= GUID_LENGTH + 1
        ? ""
        : processOrStagingGuid.substring(GUID_LENGTH + 1);
  }

  String guid() {
    return guid;
  }

  long id() {
    return id;
  }

  synchronized Snapshot snapshot() {
    return new Snapshot(
        id,
        guid,
        settings,
        started,
        version,
        stagingTaskId,
        packageState,
        staged,
        dropletHash,
        updatedAt);
  }

  synchronized void change(AppSettings changed) {
    // Another image must be looked at anew.
    if (!changed.dockerImage().equals(settings.dockerImage())) {
      packageState = PackageState.PENDING;
    }
    settings = changed;
    touch();
  }

  /** New bits are staged at the next start. */
  synchronized void bitsUploaded() {
    hasBits = true;
    packageState = PackageState.PENDING;
    stagingTaskId = "";
    touch();
  }

  /**
   * A new version, so that its processes are told from those before. What failed to stage is staged
   * again.
   *
   * @throws CcError 400 when there is nothing to stage
   */
  synchronized void start() {
    if (!hasBits && !settings.isDocker()) {
      throw CcError.packageInvalid("bits have not been uploaded");
    }
    if (packageState != PackageState.STAGED) {
      beginStaging();
    }
    started = true;
    version = UUID.randomUUID().toString();
    touch();
  }

  synchronized void restage() {
    packageState = PackageState.PENDING;
    start();
  }

  private void beginStaging() {
    packageState = PackageState.PENDING;
    stagingTaskId = UUID.randomUUID().toString();
    failureReason = "";
    failureDescription = "";
  }

  /** A staging under way no longer counts. */
  synchronized void stop() {
    started = false;
    if (packageState == PackageState.PENDING) {
      stagingTaskId = "";
    }
    touch();
  }

  /** The hash of the droplet before; empty when there was none. */
  synchronized String dropletUploaded(String sha1) {
    var before = dropletHash;
    dropletHash = sha1;
    touch();
    return before;
  }

  /** Whether {@code taskId} was the current staging, and so counts. */
  synchronized boolean staged(String taskId, Staged outcome) {
    if (!taskId.equals(stagingTaskId) || packageState != PackageState.PENDING) {
      return false;
    }
    packageState = PackageState.STAGED;
    staged = outcome;
    touch();
    return true;
  }

  /** Ids that CC does not know become StagingError. */
  synchronized void stagingFailed(String taskId, String errorId, String message) {
    if (!taskId.equals(stagingTaskId) || packageState != PackageState.PENDING) {
      return;
    }
    packageState = PackageState.FAILED;
    var known =
        errorId.equals(STAGING_TIME_EXPIRED)
            || Arrays.stream(StagingErrorId.values()).anyMatch(id -> id.name().equals(errorId));
    failureReason = known ? errorId : StagingErrorId.StagingError.name();
    failureDescription = message;
    touch();
  }

  /** The oldest go when there are too many. */
  synchronized void crashed(JsonNode crash) {
    var event = JsonNodeFactory.instance.objectNode();
    event.put("type", "app.crash").put("actee", guid).put("actee_name", settings.name());
    event.put("timestamp", now().toString());
    event.set("metadata", crash);
    events.add(event);
    if (events.size() > MAX_EVENTS) {
      events.remove();
    }
  }

  synchronized List<ObjectNode> events() {
    return new ArrayList<>(events);
  }

  /** As CC's API shows it; {@code process_guid} is our addition. */
  synchronized ObjectNode json() {
    var app = JsonNodeFactory.instance.objectNode();
    app.putObject("metadata")
        .put("guid", guid)
        .put("url", "/v2/apps/" + guid)
        .put("created_at", createdAt.toString())
        .put("updated_at", updatedAt.toString());
    var entity = app.putObject("entity");
    settings.writeTo(entity);
    entity
        .put("state", started ? "STARTED" : "STOPPED")
        .put("version", version)
        .put("process_guid", guid + "-" + version)
        .put("package_state", packageState.name())
        .put("staging_task_id", AppSettings.orNull(stagingTaskId))
        .put("staging_failed_reason", AppSettings.orNull(failureReason))
        .put("staging_failed_description", AppSettings.orNull(failureDescription))
        .put("detected_buildpack", AppSettings.orNull(staged.detectedBuildpack()))
        .put("detected_start_command", AppSettings.orNull(staged.startCommand()));
    return app;
  }

  /** Always later than before: the etag must tell every two versions of an app apart. */
  private void touch() {
    var now = now();
    updatedAt = now.isAfter(updatedAt) ? now : updatedAt.plus(1, ChronoUnit.MICROS);
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }
}
