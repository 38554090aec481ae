package dev.ccbridge.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** A long-running process that is wanted, in so many instances. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("DesiredLRP")
@Plural("desiredlrps")
@Singular("desiredlrp")
@ShortNames("dlrp")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.ready", type = Type.STRING)
@AdditionalPrinterColumn(
    name = "State",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    type = Type.STRING)
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    type = Type.STRING)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(
    name = "Process",
    jsonPath = ".status.processGuid",
    type = Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Address",
    jsonPath = ".status.actual[0].address",
    type = Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "Crashes",
    jsonPath = ".status.crashes",
    type = Type.INTEGER,
    priority = 1)
public final class DesiredLRP extends CustomResource<DesiredLRPSpec, DesiredLRPStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  /** A record has no empty form to start from. */
  @Override
  protected @Nullable DesiredLRPSpec initSpec() {
    return null;
  }

  @Override
  protected @Nullable DesiredLRPStatus initStatus() {
    return null;
  }
}
