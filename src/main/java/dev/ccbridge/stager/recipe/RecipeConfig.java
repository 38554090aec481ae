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
 */
public record RecipeConfig(
    Map<String, String> lifecycles,
    String fileServerUrl,
    String ccUploaderUrl,
    boolean skipCertVerify,
    String dockerStagingStack) {
  public RecipeConfig {
    lifecycles = Map.copyOf(lifecycles);
  }
}
