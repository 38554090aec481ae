package dev.ccbridge.nsync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppSourceTest {
  private static final String SPEC = "{source: {stagingRequestRef: {name: build}}}";
  private static final String RECORDED =
      "{staged: {stagingRequest: build, dropletUri: /old, executionMetadata: \"{}\"}}";

  private final DesiredLRP fresh = Lrps.resource(SPEC);
  private final DesiredLRP running = Lrps.resource(SPEC, RECORDED);

  @Test
  void theResultOfASuccessfulStagingIsRun() {
    var known =
        (AppSource.Known)
            AppSource.of(
                running,
                request(
                    "{phase: Succeeded, result: {dropletUri: /new, startCommand: go, executionMetadata: \"{}\"}}"));
    assertThat(known.dropletUri()).isEqualTo("/new");
    assertThat(known.startCommand()).as("the launcher reads it from the metadata").isEmpty();
    assertThat(known.notice()).isEmpty();
    assertThat(known.staged().dropletUri()).isEqualTo("/new");
  }

  @Test
  void withoutMetadataTheCommandStandsAlone() {
    var known =
        (AppSource.Known)
            AppSource.of(
                fresh, request("{phase: Succeeded, result: {dropletUri: /d, startCommand: go}}"));
    assertThat(known.startCommand()).isEqualTo("go");
  }

  @Test
  void aStagedImageIsRunAsAnImage() {
    var known =
        (AppSource.Known)
            AppSource.of(fresh, request("{phase: Succeeded, result: {dockerImage: a/b}}"));
    assertThat(known.dockerImage()).isEqualTo("a/b");
    assertThat(known.dropletUri()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{phase: Pending}                                 | false | WaitingForStaging | has not been staged yet",
        "{phase: Staging}                                 | false | WaitingForStaging | is being staged",
        "{phase: Cancelled}                               | true  | StagingFailed     | was cancelled",
        "{phase: Failed, failure: {id: X, message: why}}  | true  | StagingFailed     | failed; delete it and create it anew: X: why",
      })
  void anUnfinishedOrFailedStagingIsSaidAndWhatRunsGoesOn(
      String status, boolean stalled, String reason, String message) {
    var unknown = (AppSource.Unknown) AppSource.of(fresh, request(status));
    assertThat(unknown.notice().stalled()).isEqualTo(stalled);
    assertThat(unknown.notice().reason()).isEqualTo(reason);
    assertThat(unknown.notice().message()).contains("StagingRequest build", message);

    var known = (AppSource.Known) AppSource.of(running, request(status));
    assertThat(known.dropletUri()).isEqualTo("/old");
    assertThat(known.notice()).contains(unknown.notice());
  }

  @Test
  void aMissingRequestIsWaitedForUnlessItsResultIsInUse() {
    var unknown = (AppSource.Unknown) AppSource.of(fresh, Optional.empty());
    assertThat(unknown.notice().message()).contains("build does not exist: create it");
    var known = (AppSource.Known) AppSource.of(running, Optional.empty());
    assertThat(known.dropletUri()).isEqualTo("/old");
    assertThat(known.notice()).isEmpty();
  }

  @Test
  void theResultOfAnotherRequestIsNotTaken() {
    var other = Lrps.resource("{source: {stagingRequestRef: {name: other}}}", RECORDED);
    assertThat(AppSource.of(other, Optional.empty())).isInstanceOf(AppSource.Unknown.class);
  }

  private static Optional<StagingRequest> request(String status) {
    return Optional.of(
        Serialization.unmarshal(
            """
            apiVersion: ccbridge.dev/v1alpha1
            kind: StagingRequest
            metadata: {name: build, namespace: ns}
            spec: {lifecycle: buildpack, appId: a, buildpack: {appBits: {uri: /a}}}
            status: %s
            """
                .formatted(status),
            StagingRequest.class));
  }
}
