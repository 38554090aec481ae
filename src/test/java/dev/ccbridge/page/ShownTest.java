package dev.ccbridge.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShownTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static StagingRequest request(String yaml) {
    return Serialization.unmarshal(yaml, StagingRequest.class);
  }

  private static DesiredLRP lrp(String yaml) {
    return Serialization.unmarshal(yaml, DesiredLRP.class);
  }

  @Test
  void requestIsShownWithItsStepsAndWhatItCameTo() throws Exception {
    var shown =
        Shown.of(
            List.of(
                request(
                    """
                    metadata: {name: web, namespace: apps, creationTimestamp: "2026-01-01T00:00:00Z"}
                    status:
                      conditions:
                        - {type: Ready, status: "True", reason: Staged, message: ""}
                        - {type: Stalled, status: "False", reason: Staged, message: ""}
                      steps:
                        - name: run builder
                          state: Succeeded
                          startedAt: "2026-01-01T00:00:01Z"
                          finishedAt: "2026-01-01T00:00:03Z"
                      result: {detectedBuildpack: Static}
                    """)),
            List.of(),
            0);

    assertThat(JSON.readTree(JSON.writeValueAsString(shown)))
        .isEqualTo(
            JSON.readTree(
                """
                {"requests": [{
                   "namespace": "apps", "name": "web", "created": "2026-01-01T00:00:00Z",
                   "standing": {"standing": "ready", "reason": "Staged", "message": ""},
                   "buildpack": "Static",
                   "steps": [{"name": "run builder", "state": "Succeeded",
                     "started": "2026-01-01T00:00:01Z", "finished": "2026-01-01T00:00:03Z"}]}],
                 "lrps": [], "more": 0}
                """));
  }

  @Test
  void lrpIsShownWithItsInstancesAndWhatIsWrong() throws Exception {
    var shown =
        Shown.of(
            List.of(),
            List.of(
                lrp(
                    """
                    metadata: {name: web, namespace: apps, creationTimestamp: "2026-01-01T00:00:00Z"}
                    status:
                      ready: 1/2
                      conditions:
                        - {type: Ready, status: "False", reason: CrashLooping, message: index 1}
                        - {type: Stalled, status: "True", reason: CrashLooping, message: index 1}
                      actual:
                        - index: 0
                          state: RUNNING
                          since: "2026-01-01T00:00:05Z"
                          cellId: cell-1
                          address: 10.0.0.1:61001
                          ports: [{containerPort: 8080, hostPort: 61001}]
                        - {index: 1, state: CRASHED, crashCount: 4, crashReason: exit 1}
                    """)),
            0);

    assertThat(JSON.readTree(JSON.writeValueAsString(shown.lrps())))
        .isEqualTo(
            JSON.readTree(
                """
                [{"namespace": "apps", "name": "web", "created": "2026-01-01T00:00:00Z",
                  "standing":
                    {"standing": "stalled", "reason": "CrashLooping", "message": "index 1"},
                  "ready": "1/2",
                  "instances": [
                    {"index": 0, "state": "RUNNING", "since": "2026-01-01T00:00:05Z",
                     "cell": "cell-1", "address": "10.0.0.1:61001", "crashes": 0},
                    {"index": 1, "state": "CRASHED", "crashes": 4, "reason": "exit 1"}]}]
                """));
  }

  @Test
  void newestComesFirstAndOneThatNobodyHasLookedAtWaits() {
    var shown =
        Shown.of(
            List.of(
                request("metadata: {name: old, creationTimestamp: '2026-01-01T00:00:00Z'}"),
                request("metadata: {name: new, creationTimestamp: '2026-01-02T00:00:00Z'}")),
            List.of(),
            3);

    assertThat(shown.requests()).extracting(Shown.Request::name).containsExactly("new", "old");
    assertThat(shown.requests())
        .extracting(one -> one.standing().standing())
        .containsOnly("waiting");
    assertThat(shown.more()).isEqualTo(3);
  }
}
