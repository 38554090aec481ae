package dev.ccbridge.nsync;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.SecretRef;
import dev.ccbridge.kube.Names;
import dev.ccbridge.nsync.recipe.LRPOptions;
import dev.ccbridge.nsync.recipe.LRPRecipeBuilder;
import dev.ccbridge.nsync.recipe.RecipeError;
import dev.ccbridge.nsync.recipe.RecipeException;
import dev.ccbridge.nsync.recipe.SshKeyPair;
import dev.ccbridge.nsync.recipe.SshKeySource;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.ImageCredentials;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.RouteValue;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * From a resource to the version of it that shall run, and on to what the Receptor is asked for.
 */
final class LRPRecipes {
  private static final String BUILDPACK = "buildpack/";

  /** For what is looked at and not sent. */
  static final SshKeySource NO_KEYS = () -> new SshKeyPair("", "", "");

  private final NsyncConfig config;
  private final SshKeySource sshKeys;
  private final DropletUrls droplets;

  LRPRecipes(NsyncConfig config, SshKeySource sshKeys, DropletUrls droplets) {
    this.config = config;
    this.sshKeys = sshKeys;
    this.droplets = droplets;
  }

  /**
   * The current version. Its guid holds a hash of everything that the Receptor cannot update, and
   * of nothing that is different each time: no keys, no URLs with tokens, and of Secrets only the
   * names. So a Secret's new value reaches the process at its next version, as it does for the
   * environment of a Pod.
   *
   * <p>A guid that was given has no versions: Cloud Controller sends a new one with each change
   * that the Receptor cannot update. Source: nsync/handlers/desire_app_handler.go.
   *
   * @throws RecipeException when it cannot be run
   */
  Wanted plan(DesiredLRP lrp, AppSource.Known source) {
    var identity = LRPIdentity.of(lrp);
    var options = Apps.options(lrp.getSpec(), identity.domain());
    var app = Apps.request(lrp, source, "");
    if (!identity.versioned()) {
      return new Wanted(identity.stem(), Apps.withGuid(app, identity.stem()), options);
    }
    var request = LRPRecipeBuilder.of(app, config.recipe(), NO_KEYS).create(app, options);
    var hash = hash(with(request, Apps.imageCredentials(lrp.getSpec()).map(LRPRecipes::unread)));
    var guid = identity.processGuid(hash);
    return new Wanted(guid, Apps.withGuid(app, guid), options);
  }

  /** Why {@link #plan} found that it cannot be run, and what to do. */
  String explain(DesiredLRP lrp, AppSource.Known source, RecipeException invalid) {
    if (invalid.error() != RecipeError.NO_LIFECYCLE_DEFINED) {
      return invalid.message();
    }
    if (!source.dockerImage().isEmpty()) {
      return "spec.source: is a docker image, for which no lifecycle is configured: give the"
          + " operator one, or run a droplet";
    }
    var stacks =
        config.recipe().lifecycles().keySet().stream()
            .filter(key -> key.startsWith(BUILDPACK))
            .map(key -> key.substring(BUILDPACK.length()))
            .sorted()
            .toList();
    return "spec.stack: was "
        + lrp.getSpec().stack()
        + ", for which no lifecycle is configured; there are "
        + stacks;
  }

  /**
   * What creates this version.
   *
   * @throws RecipeException when a Secret has nothing where the droplet's URI should be
   */
  DesiredLRPCreateRequest create(Wanted wanted, Revealed revealed) {
    var app = wanted.app();
    var complete =
        Apps.with(app, app.processGuid(), download(wanted, revealed), revealed.environment());
    var request =
        LRPRecipeBuilder.of(complete, config.recipe(), sshKeys).create(complete, wanted.options());
    return with(request, revealed.imageCredentials());
  }

  /** The recipes are of a time when cells fetched images without credentials. */
  private DesiredLRPCreateRequest with(
      DesiredLRPCreateRequest request, Optional<ImageCredentials> credentials) {
    return credentials
        .filter(known -> config.imageCredentials())
        .map(request::withImageCredentials)
        .orElse(request);
  }

  private static ImageCredentials unread(SecretRef secret) {
    return new ImageCredentials(secret.name(), secret.name());
  }

  /** What Cloud Controller sent goes out as it is, as the original does it. */
  private String download(Wanted wanted, Revealed revealed) {
    var secret = revealed.dropletUri();
    if (secret.isPresent() && wanted.options().domain().equals(LRPOptions.CF_APPS)) {
      return secret.get();
    }
    var uri = secret.orElse(wanted.app().dropletUri());
    return uri.isEmpty() ? "" : droplets.download(uri);
  }

  /** What has to change of an LRP that exists; empty: nothing. */
  Optional<DesiredLRPUpdateRequest> change(Wanted wanted, DesiredLRPResponse existing) {
    var update =
        LRPRecipeBuilder.of(wanted.app(), config.recipe(), sshKeys)
            .update(wanted.app(), wanted.options(), existing);
    var routes = update.routes();
    var same =
        Objects.equals(update.instances(), existing.instances())
            && existing.annotation().equals(update.annotation())
            && routes != null
            && meanTheSame(existing.routes(), routes);
    return same ? Optional.empty() : Optional.of(update);
  }

  /** Another writer may spell the same routes in another way. */
  private static boolean meanTheSame(
      Map<String, RouteValue> before, Map<String, RouteValue> after) {
    return before.size() == after.size()
        && before.entrySet().stream()
            .allMatch(
                route -> {
                  var value = after.get(route.getKey());
                  return value != null && value.means(route.getValue());
                });
  }

  private static String hash(DesiredLRPCreateRequest r) {
    var fixed =
        new DesiredLRPCreateRequest(
            "",
            r.domain(),
            r.rootfs(),
            0,
            r.env(),
            r.setup(),
            r.action(),
            r.monitor(),
            r.startTimeout(),
            r.diskMb(),
            r.memoryMb(),
            r.cpuWeight(),
            r.privileged(),
            r.ports(),
            Map.of(),
            r.logGuid(),
            r.logSource(),
            r.metricsGuid(),
            "",
            r.egressRules(),
            r.imageUsername(),
            r.imagePassword());
    try {
      return Names.hash(ReceptorJson.mapper().writeValueAsString(fixed));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a request is always written as JSON", e);
    }
  }
}
