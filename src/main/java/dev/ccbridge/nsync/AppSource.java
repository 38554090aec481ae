package dev.ccbridge.nsync;

import static dev.ccbridge.api.LRPReasons.STAGING_FAILED;
import static dev.ccbridge.api.LRPReasons.WAITING_FOR_STAGING;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPSpec.StagingRequestRef;
import dev.ccbridge.api.DesiredLRPStatus.Staged;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a resource runs, as far as it can be told. */
sealed interface AppSource {

  /**
   * Something can be run.
   *
   * @param dropletUri a reference stands here where a Secret has it
   * @param staged what of a StagingRequest is used; null for other sources
   * @param notice what stands in the way of something newer; empty: nothing
   */
  record Known(
      String dropletUri,
      String dockerImage,
      String startCommand,
      String executionMetadata,
      @Nullable Staged staged,
      Optional<Notice> notice)
      implements AppSource {}

  /** Nothing to run yet; what runs already goes on. */
  record Unknown(Notice notice) implements AppSource {}

  /**
   * The source of {@code lrp}. A staging request counts when it succeeded; what was taken from one
   * stays in use while a namesake is staged, or has failed, or is gone.
   *
   * @param request the referenced one, if it is there
   */
  static AppSource of(DesiredLRP lrp, Optional<StagingRequest> request) {
    var source = lrp.getSpec().source();
    if (source.droplet() != null) {
      var from = Apps.reference(source.droplet().uriFrom());
      var uri = from == null ? Texts.orEmpty(source.droplet().uri()) : Apps.unresolved(from);
      return known(uri, "", null, Optional.empty());
    }
    if (source.docker() != null) {
      return known("", source.docker().image(), null, Optional.empty());
    }
    var ref = source.stagingRequestRef();
    if (ref == null) {
      throw new IllegalStateException("spec.source: exactly one member must be set, found none");
    }
    return staged(lrp, ref, request.flatMap(r -> Optional.ofNullable(r.getStatus())), request);
  }

  private static AppSource staged(
      DesiredLRP lrp,
      StagingRequestRef ref,
      Optional<StagingRequestStatus> status,
      Optional<StagingRequest> request) {
    var phase = status.map(StagingRequestStatus::phase).orElse(null);
    var result = status.map(StagingRequestStatus::result).orElse(null);
    if (phase == Phase.SUCCEEDED && result != null) {
      return known(
          new Staged(
              ref.name(),
              result.dropletUri(),
              result.dockerImage(),
              result.startCommand(),
              result.executionMetadata()),
          Optional.empty());
    }
    var before = lrp.getStatus() == null ? null : lrp.getStatus().staged();
    var recorded = before != null && before.stagingRequest().equals(ref.name()) ? before : null;
    if (request.isEmpty() && recorded != null) {
      return known(recorded, Optional.empty());
    }
    var notice = request.isEmpty() ? missing(ref) : unfinished(ref, phase, status);
    return recorded == null ? new Unknown(notice) : known(recorded, Optional.of(notice));
  }

  private static Notice missing(StagingRequestRef ref) {
    return Notice.waiting(
        WAITING_FOR_STAGING,
        "StagingRequest "
            + ref.name()
            + " does not exist: create it, or correct spec.source.stagingRequestRef.name");
  }

  private static Notice unfinished(
      StagingRequestRef ref, @Nullable Phase phase, Optional<StagingRequestStatus> status) {
    if (phase != Phase.FAILED && phase != Phase.CANCELLED) {
      return Notice.waiting(
          WAITING_FOR_STAGING,
          "StagingRequest "
              + ref.name()
              + (phase == Phase.STAGING ? " is being staged" : " has not been staged yet"));
    }
    var why =
        status
            .map(StagingRequestStatus::failure)
            .map(f -> ": " + f.id() + (f.message() == null ? "" : ": " + f.message()))
            .orElse("");
    return Notice.stalled(
        STAGING_FAILED,
        "StagingRequest "
            + ref.name()
            + (phase == Phase.FAILED ? " failed" : " was cancelled")
            + "; delete it and create it anew"
            + Texts.atMost(why, Texts.MAX_QUOTE));
  }

  /** The command that staging found is in the metadata; it stands alone where there is none. */
  private static Known known(Staged staged, Optional<Notice> notice) {
    var metadata = Texts.orEmpty(staged.executionMetadata());
    var image = Texts.orEmpty(staged.dockerImage());
    return new Known(
        image.isEmpty() ? Texts.orEmpty(staged.dropletUri()) : "",
        image,
        metadata.isEmpty() ? Texts.orEmpty(staged.startCommand()) : "",
        metadata,
        staged,
        notice);
  }

  private static Known known(
      String dropletUri, String image, @Nullable Staged staged, Optional<Notice> notice) {
    return new Known(dropletUri, image, "", "", staged, notice);
  }
}
