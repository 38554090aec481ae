package dev.ccbridge.nsync;

import dev.ccbridge.api.Api;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPSpec;
import dev.ccbridge.api.DesiredLRPSpec.DockerImage;
import dev.ccbridge.api.DesiredLRPSpec.HealthCheck;
import dev.ccbridge.api.DesiredLRPSpec.HealthCheckType;
import dev.ccbridge.api.DesiredLRPSpec.Route;
import dev.ccbridge.api.DesiredLRPSpec.Update;
import dev.ccbridge.api.DesiredLRPSpec.UpdateStrategy;
import dev.ccbridge.api.EgressRule;
import dev.ccbridge.api.SecretKeyRef;
import dev.ccbridge.api.SecretRef;
import dev.ccbridge.api.ValueSource;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.nsync.recipe.LRPOptions;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A resource in the words of Cloud Controller's message, with the schema's defaults. */
final class Apps {
  private static final String NO_METADATA = "{}";
  private static final Pattern MORE_DESCRIPTORS = Pattern.compile("[0-9]{19,20}");
  private static final BigInteger MOST_DESCRIPTORS =
      BigInteger.TWO.pow(Long.SIZE).subtract(BigInteger.ONE);

  private Apps() {}

  static int instances(DesiredLRPSpec spec) {
    return or(spec.instances(), 1);
  }

  static UpdateStrategy strategy(DesiredLRPSpec spec) {
    return Optional.ofNullable(spec.update()).map(Update::strategy).orElse(UpdateStrategy.ROLLING);
  }

  /** Where Secrets have the values of the environment, there are references to them in it. */
  static DesireAppRequestFromCC request(
      DesiredLRP lrp, AppSource.Known source, String processGuid) {
    var spec = lrp.getSpec();
    // Cloud Controller tells an empty log guid, and no list of routes, from absent ones.
    var given = spec.processGuid() != null;
    var logGuid = or(spec.logGuid(), given ? "" : lrp.getMetadata().getName());
    return new DesireAppRequestFromCC(
        processGuid,
        source.dropletUri(),
        source.dockerImage(),
        "",
        "",
        "",
        "",
        or(spec.stack(), Api.DEFAULT_STACK),
        or(spec.startCommand(), source.startCommand()),
        metadata(spec, source),
        list(spec.environment()).stream().map(Apps::unresolved).toList(),
        or(spec.memoryMB(), 256),
        or(spec.diskMB(), 1024),
        fileDescriptors(lrp),
        instances(spec),
        given && spec.routes() == null
            ? null
            : list(spec.routes()).stream().map(Route::hostname).toList(),
        or(spec.allowSSH(), false),
        logGuid,
        healthCheck(spec)
            .map(HealthCheck::type)
            .orElse(HealthCheckType.PORT)
            .name()
            .toLowerCase(Locale.ROOT),
        healthCheck(spec).map(HealthCheck::timeoutSeconds).orElse(60L),
        egressRules(spec),
        or(spec.etag(), ""));
  }

  static LRPOptions options(DesiredLRPSpec spec, String domain) {
    return new LRPOptions(
        domain,
        list(spec.ports()),
        healthCheck(spec).map(HealthCheck::endpoint).orElse(""),
        routes(list(spec.routes())));
  }

  static DesireAppRequestFromCC withGuid(DesireAppRequestFromCC app, String processGuid) {
    return with(app, processGuid, app.dropletUri(), app.environment());
  }

  static DesireAppRequestFromCC with(
      DesireAppRequestFromCC app,
      String processGuid,
      String dropletUri,
      List<EnvironmentVariable> environment) {
    return new DesireAppRequestFromCC(
        processGuid,
        dropletUri,
        app.dockerImage(),
        app.dockerLoginServer(),
        app.dockerUser(),
        app.dockerPassword(),
        app.dockerEmail(),
        app.stack(),
        app.startCommand(),
        app.executionMetadata(),
        environment,
        app.memoryMb(),
        app.diskMb(),
        app.fileDescriptors(),
        app.numInstances(),
        app.routes(),
        app.allowSsh(),
        app.logGuid(),
        app.healthCheckType(),
        app.healthCheckTimeoutInSeconds(),
        app.egressRules(),
        app.etag());
  }

  /** The reference of a variable whose value is in a Secret; null: it has its own. */
  static @Nullable SecretKeyRef reference(dev.ccbridge.api.EnvironmentVariable variable) {
    return reference(variable.valueFrom());
  }

  /** The Secret with what the registry of a docker image wants to know. */
  static Optional<SecretRef> imageCredentials(DesiredLRPSpec spec) {
    return Optional.ofNullable(spec.source().docker()).map(DockerImage::credentialsSecretRef);
  }

  static @Nullable SecretKeyRef reference(@Nullable ValueSource from) {
    return from == null ? null : from.secretKeyRef();
  }

  /** Stands for a value in a Secret; the NUL keeps it apart from any that a user can write. */
  static String unresolved(SecretKeyRef reference) {
    return "\0secret\0" + reference.name() + "\0" + reference.key();
  }

  private static EnvironmentVariable unresolved(dev.ccbridge.api.EnvironmentVariable variable) {
    var reference = reference(variable);
    return new EnvironmentVariable(
        variable.name(), reference == null ? or(variable.value(), "") : unresolved(reference));
  }

  /** The annotation has what the field has no room for. */
  private static BigInteger fileDescriptors(DesiredLRP lrp) {
    var field = or(lrp.getSpec().fileDescriptors(), 16384L);
    var annotations = lrp.getMetadata().getAnnotations();
    var more = annotations == null ? null : annotations.get(AppDraft.FILE_DESCRIPTORS);
    return field == Long.MAX_VALUE && more != null && MORE_DESCRIPTORS.matcher(more).matches()
        ? new BigInteger(more).min(MOST_DESCRIPTORS)
        : BigInteger.valueOf(field);
  }

  private static String metadata(DesiredLRPSpec spec, AppSource.Known source) {
    var metadata = or(spec.executionMetadata(), source.executionMetadata());
    return metadata.isEmpty() && !source.dockerImage().isEmpty() ? NO_METADATA : metadata;
  }

  /** By port only where a route names one; otherwise the router has them all in one entry. */
  private static Map<Integer, List<String>> routes(List<Route> routes) {
    if (routes.stream().allMatch(route -> route.port() == null)) {
      return Map.of();
    }
    var byPort = new LinkedHashMap<Integer, List<String>>();
    for (var route : routes) {
      byPort
          .computeIfAbsent(or(route.port(), LRPOptions.APP_PORT), port -> new ArrayList<>())
          .add(route.hostname());
    }
    return byPort;
  }

  static List<SecurityGroupRule> egressRules(DesiredLRPSpec spec) {
    return list(spec.egressRules()).stream().map(Apps::rule).toList();
  }

  private static SecurityGroupRule rule(EgressRule rule) {
    var range = rule.portRange();
    var icmp = rule.icmpInfo();
    return new SecurityGroupRule(
        rule.protocol().name().toLowerCase(Locale.ROOT),
        rule.destinations(),
        list(rule.ports()).stream().map(Integer::longValue).toList(),
        range == null ? null : new SecurityGroupRule.PortRange(range.start(), range.end()),
        icmp == null ? null : new SecurityGroupRule.IcmpInfo(icmp.type(), icmp.code()),
        or(rule.log(), false));
  }

  private static Optional<HealthCheck> healthCheck(DesiredLRPSpec spec) {
    return Optional.ofNullable(spec.healthCheck());
  }

  private static <T> T or(@Nullable T value, T otherwise) {
    return value == null ? otherwise : value;
  }

  private static <T> List<T> list(@Nullable List<T> values) {
    return values == null ? List.of() : values;
  }
}
