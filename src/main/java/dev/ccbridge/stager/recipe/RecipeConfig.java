package dev.ccbridge.stager.recipe;

import java.util.Map;

/**
 * The settings that recipes depend on.
 *
 * @param lifecycles {@code buildpack/<stack>} or {@code docker} to the path of the bundle at the
 *     file server below {@code /v1/static/}, or to a full http(s) URL
 * @param fileServerUrl base of the file server as cells reach it
 * @param ccUploaderUrl base of the cc-uploader; empty: artifacts go straight to where they are
 *     wanted
 * @param skipCertVerify whether the builder shall not check certificates
 * @param dockerStagingStack root filesystem of docker stagings
 * @param dockerRegistryAddress {@code host:port} under which images that are cached are known;
 *     empty: none are
 * @param insecureDockerRegistry whether that registry has no trusted certificate
 */
public record RecipeConfig(
    Map<String, String> lifecycles,
    String fileServerUrl,
    String ccUploaderUrl,
    boolean skipCertVerify,
    String dockerStagingStack,
    String dockerRegistryAddress,
    boolean insecureDockerRegistry) {
  public RecipeConfig {
    lifecycles = Map.copyOf(lifecycles);
  }

  /** Without a caching registry. */
  public RecipeConfig(
      Map<String, String> lifecycles,
      String fileServerUrl,
      String ccUploaderUrl,
      boolean skipCertVerify,
      String dockerStagingStack) {
    this(lifecycles, fileServerUrl, ccUploaderUrl, skipCertVerify, dockerStagingStack, "", false);
  }
}
