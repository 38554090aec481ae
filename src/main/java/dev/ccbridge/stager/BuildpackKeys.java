package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestSpec.BuildpackRef;
import dev.ccbridge.api.StagingRequestStatus.Result;
import dev.ccbridge.api.ValueSource;
import dev.ccbridge.secrets.SecretMask;
import dev.ccbridge.secrets.SecretValues;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The key of a custom buildpack is its URI, which may hold credentials: the status shows what is no
 * secret of it and says where the whole of it is, for whoever must be told exactly.
 */
final class BuildpackKeys {
  private BuildpackKeys() {}

  /** The result as the status may hold it. */
  static Result shown(StagingRequest request, @Nullable Result result, InlineValues values) {
    var exact = Objects.requireNonNull(result);
    var key = exact.buildpack();
    if (key == null) {
      return exact;
    }
    var source = source(request, key, values.of(request));
    return source.isEmpty()
        ? exact
        : new Result(
            SecretMask.withoutCredentials(key),
            source.get(),
            exact.detectedBuildpack(),
            exact.startCommand(),
            exact.processTypes(),
            exact.executionMetadata(),
            exact.dockerImage(),
            exact.dropletUri());
  }

  /** The key as the builder gave it; empty when there is none. */
  static String exact(StagingRequest request, Result result, InlineValues values) {
    var shown = result.buildpack() == null ? "" : result.buildpack();
    var source = result.buildpackFrom();
    return source == null ? shown : find(source, values.of(request)).orElse(shown);
  }

  private static Optional<ValueSource> source(
      StagingRequest request, String key, SecretValues secrets) {
    var buildpack = request.getSpec().buildpack();
    var named = buildpack == null ? null : buildpack.buildpacks();
    return (named == null ? List.<BuildpackRef>of() : named)
        .stream()
            .map(one -> one.keyFrom() == null ? one.uriFrom() : one.keyFrom())
            .filter(Objects::nonNull)
            .filter(from -> find(from, secrets).filter(key::equals).isPresent())
            .findFirst();
  }

  private static Optional<String> find(ValueSource source, SecretValues secrets) {
    return secrets.find(source.secretKeyRef().name(), source.secretKeyRef().key());
  }
}
