package dev.ccbridge.cloudcontroller.fake;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData.Buildpack;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the Cloud Controller in memory needs to know.
 *
 * @param address where it listens; port 0: any free one
 * @param externalUrl under which the bridge and its cells reach it, without user info and without a
 *     slash at the end; empty: where it listens
 * @param dataDirectory for app bits, droplets and caches; made when absent
 * @param stagerUrl base of the stager, and so on, without a slash at the end
 * @param internal asked of the bridge under {@code /internal}
 * @param staging asked of cells under {@code /staging}, and put into the URLs handed out
 * @param stack of apps that name none
 * @param buildpacks offered for detection; {@code name} is what an app calls it, {@code skipDetect}
 *     does not count
 * @param stagingTimeout told to the stager, in whole seconds
 */
public record FakeCloudControllerConfig(
    InetSocketAddress address,
    Optional<URI> externalUrl,
    Path dataDirectory,
    URI stagerUrl,
    URI nsyncUrl,
    URI tpsUrl,
    Credentials internal,
    Credentials staging,
    String stack,
    List<Buildpack> buildpacks,
    Duration stagingTimeout) {
  public static final Duration DEFAULT_STAGING_TIMEOUT = Duration.ofMinutes(15);
  public static final String DEFAULT_STACK = "cflinuxfs2";

  /**
   * @throws CcBridgeException INVALID_REQUEST when a value cannot be used
   */
  public FakeCloudControllerConfig {
    externalUrl.ifPresent(url -> requireBase("externalUrl", url));
    requireBase("stagerUrl", stagerUrl);
    requireBase("nsyncUrl", nsyncUrl);
    requireBase("tpsUrl", tpsUrl);
    dataDirectory = dataDirectory.toAbsolutePath();
    buildpacks = List.copyOf(buildpacks);
    if (!stagingTimeout.isPositive()) {
      throw invalid("stagingTimeout: was " + stagingTimeout + ", wanted more than 0");
    }
    if (stack.isEmpty()) {
      throw invalid("stack: was empty, wanted a name such as " + DEFAULT_STACK);
    }
  }

  /**
   * With stager, nsync and tps on this machine at the originals' ports, and one name and password
   * for everything.
   *
   * @throws CcBridgeException INVALID_REQUEST when a value cannot be used
   */
  public static FakeCloudControllerConfig forTrying(
      InetSocketAddress address, Path dataDirectory, Credentials credentials) {
    return new FakeCloudControllerConfig(
        address,
        Optional.empty(),
        dataDirectory,
        URI.create("http://127.0.0.1:8888"),
        URI.create("http://127.0.0.1:8787"),
        URI.create("http://127.0.0.1:1518"),
        credentials,
        credentials,
        DEFAULT_STACK,
        List.of(),
        DEFAULT_STAGING_TIMEOUT);
  }

  private static void requireBase(String name, URI url) {
    var usable =
        ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
            && url.getHost() != null
            && url.getRawUserInfo() == null;
    if (!usable) {
      throw invalid(name + ": wanted an http or https URL with a host and without credentials");
    }
  }

  private static CcBridgeException invalid(String message) {
    return new CcBridgeException(ErrorKind.INVALID_REQUEST, message);
  }
}
