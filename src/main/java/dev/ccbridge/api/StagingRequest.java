package dev.ccbridge.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** Asks for an app to be staged: source in, droplet out. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("sr")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase", type = Type.STRING)
@AdditionalPrinterColumn(
    name = "Buildpack",
    jsonPath = ".status.result.detectedBuildpack",
    type = Type.STRING)
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    type = Type.STRING)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(
    name = "Task",
    jsonPath = ".status.taskGuid",
    type = Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Cell",
    jsonPath = ".status.cellId",
    type = Type.STRING,
    priority = 1)
public final class StagingRequest extends CustomResource<StagingRequestSpec, StagingRequestStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  /** A record has no empty form to start from. */
  @Override
  protected @Nullable StagingRequestSpec initSpec() {
    return null;
  }

  @Override
  protected @Nullable StagingRequestStatus initStatus() {
    return null;
  }
}
