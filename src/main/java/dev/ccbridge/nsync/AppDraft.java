package dev.ccbridge.nsync;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.api.Api;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPSpec;
import dev.ccbridge.api.DesiredLRPSpec.DockerImage;
import dev.ccbridge.api.DesiredLRPSpec.Droplet;
import dev.ccbridge.api.DesiredLRPSpec.HealthCheck;
import dev.ccbridge.api.DesiredLRPSpec.HealthCheckType;
import dev.ccbridge.api.DesiredLRPSpec.Route;
import dev.ccbridge.api.DesiredLRPSpec.Source;
import dev.ccbridge.api.EgressRule;
import dev.ccbridge.api.EgressRule.IcmpInfo;
import dev.ccbridge.api.EgressRule.PortRange;
import dev.ccbridge.api.EgressRule.Protocol;
import dev.ccbridge.api.SecretKeyRef;
import dev.ccbridge.api.SecretRef;
import dev.ccbridge.api.ValueSource;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.kube.Labels;
import dev.ccbridge.kube.Names;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import dev.ccbridge.secrets.InlineSecrets;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Cloud Controller's message in the words of a resource; {@link Apps} is the way back.
 *
 * @param resource not stored yet
 * @param secrets what of the message must not stand in the resource
 */
record AppDraft(DesiredLRP resource, InlineSecrets secrets) {
  /** Holds what {@code spec.fileDescriptors} has no room for: 2^63 and above. */
  static final String FILE_DESCRIPTORS = Api.GROUP + "/file-descriptors";

  private static final BigInteger MOST_DESCRIPTORS = BigInteger.valueOf(Long.MAX_VALUE);
  private static final int MAX_PLAIN_URI = 4096;

  /**
   * The message must be one that a recipe can be made of.
   *
   * @throws CcBridgeException INVALID_REQUEST for what the schema has no words for
   */
  static AppDraft of(DesireAppRequestFromCC app, String namespace) {
    var name = Names.fromGuid(app.processGuid());
    var secrets = new InlineSecrets(name);
    var lrp = new DesiredLRP();
    lrp.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(namespace)
            .withName(name)
            .withLabels(Labels.managed())
            .withFinalizers(Api.FINALIZER)
            .build());
    if (app.fileDescriptors().compareTo(MOST_DESCRIPTORS) > 0) {
      lrp.getMetadata().getAnnotations().put(FILE_DESCRIPTORS, app.fileDescriptors().toString());
    }
    lrp.setSpec(spec(app, secrets));
    return new AppDraft(lrp, secrets);
  }

  /** What Cloud Controller can change of an app under its process guid; null: no host names. */
  static @Nullable List<Route> routes(DesireAppRequestFromCC app) {
    var routes = app.routes();
    return routes == null ? null : routes.stream().map(name -> new Route(name, null)).toList();
  }

  /** Whether a resource refers to its own Secret, the one that its draft came with. */
  static boolean needsSecret(DesiredLRP lrp) {
    var name = lrp.getMetadata().getName();
    var spec = lrp.getSpec();
    var environment = spec.environment();
    var droplet = spec.source().droplet();
    var references =
        Stream.concat(
                environment == null
                    ? Stream.<SecretKeyRef>empty()
                    : environment.stream().map(Apps::reference),
                Stream.ofNullable(droplet == null ? null : Apps.reference(droplet.uriFrom())))
            .filter(Objects::nonNull)
            .map(SecretKeyRef::name);
    return Stream.concat(references, Apps.imageCredentials(spec).map(SecretRef::name).stream())
        .anyMatch(name::equals);
  }

  private static DesiredLRPSpec spec(DesireAppRequestFromCC app, InlineSecrets secrets) {
    return new DesiredLRPSpec(
        app.processGuid(),
        source(app, secrets),
        textOrNull(app.stack()),
        textOrNull(app.startCommand()),
        textOrNull(app.executionMetadata()),
        app.memoryMb(),
        app.diskMb(),
        app.fileDescriptors().min(MOST_DESCRIPTORS).longValue(),
        app.numInstances(),
        secrets.putEnvironment(app.environment()),
        app.egressRules().stream().map(AppDraft::rule).toList(),
        routes(app),
        null,
        healthCheck(app),
        app.allowSsh(),
        textOrNull(app.logGuid()),
        textOrNull(app.etag()),
        null);
  }

  private static Source source(DesireAppRequestFromCC app, InlineSecrets secrets) {
    if (app.dockerImage().isEmpty()) {
      if (app.stack().isEmpty()) {
        // Absent it would become the default.
        throw new CcBridgeException(
            ErrorKind.INVALID_REQUEST, "stack: was empty, wanted the name of one");
      }
      return new Source(droplet(app.dropletUri(), secrets), null, null);
    }
    SecretRef credentials = null;
    if (!app.dockerUser().isEmpty() || !app.dockerPassword().isEmpty()) {
      credentials =
          new SecretRef(secrets.put(Revealed.USERNAME, app.dockerUser()).secretKeyRef().name());
      secrets.put(Revealed.PASSWORD, app.dockerPassword());
    }
    return new Source(null, null, new DockerImage(app.dockerImage(), credentials));
  }

  private static Droplet droplet(String uri, InlineSecrets secrets) {
    return InlineSecrets.isPlain(uri) && uri.length() <= MAX_PLAIN_URI
        ? new Droplet(uri, null)
        : new Droplet(null, secret(secrets, uri));
  }

  private static ValueSource secret(InlineSecrets secrets, String uri) {
    return secrets.put("droplet-uri", uri);
  }

  /** A type that nsync does not know means no check, as {@code none} does. */
  private static HealthCheck healthCheck(DesireAppRequestFromCC app) {
    var type =
        switch (app.healthCheckType()) {
          case "", "port" -> HealthCheckType.PORT;
          default -> HealthCheckType.NONE;
        };
    return new HealthCheck(type, null, app.healthCheckTimeoutInSeconds());
  }

  private static EgressRule rule(SecurityGroupRule rule) {
    var ports = rule.ports().stream().map(port -> fitting("egress_rules.ports", port)).toList();
    var range = rule.portRange();
    var icmp = rule.icmpInfo();
    return new EgressRule(
        protocol(rule.protocol()),
        rule.destinations(),
        ports,
        range == null
            ? null
            : new PortRange(
                fitting("egress_rules.port_range.start", range.start()),
                fitting("egress_rules.port_range.end", range.end())),
        icmp == null ? null : new IcmpInfo(icmp.type(), icmp.code()),
        rule.log());
  }

  private static Protocol protocol(String protocol) {
    return switch (protocol) {
      case "tcp" -> Protocol.TCP;
      case "udp" -> Protocol.UDP;
      case "icmp" -> Protocol.ICMP;
      case "all" -> Protocol.ALL;
      default ->
          throw new CcBridgeException(
              ErrorKind.INVALID_REQUEST,
              "egress_rules.protocol: was " + protocol + ", wanted tcp, udp, icmp or all");
    };
  }

  private static int fitting(String field, long number) {
    if (number > Integer.MAX_VALUE) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          field + ": was " + number + ", wanted at most " + Integer.MAX_VALUE);
    }
    return (int) number;
  }

  private static @Nullable String textOrNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
