package dev.ccbridge.operator;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Settings that cannot be meant together. The start stops with both names rather than leave one
 * without effect.
 */
final class Contradictions {
  private static final List<Setting> LISTENERS =
      List.of(
          Setting.LISTEN_ADDRESS,
          Setting.RECEPTOR_ADDRESS,
          Setting.RECEPTOR_PEER_ADDRESS,
          Setting.STAGER_ADDRESS,
          Setting.NSYNC_ADDRESS,
          Setting.TPS_ADDRESS,
          Setting.CC_UPLOADER_ADDRESS,
          Setting.DEBUG_ADDRESS,
          Setting.PAGE_ADDRESS);

  private final Settings settings;

  private Contradictions(Settings settings) {
    this.settings = settings;
  }

  /**
   * For a process that does everything.
   *
   * @throws ConfigException with the names of both
   */
  static void refuse(Settings settings, OperatorConfig config) {
    var contradictions = new Contradictions(settings);
    contradictions.ofReceptor(config);
    refusePodsWithoutImages(settings, config);
    contradictions.ofSeveralOperators(config);
    contradictions.ofCloudController(config);
    contradictions.ofDockerCache(config);
    contradictions.ofListeners();
  }

  private void ofReceptor(OperatorConfig config) {
    var receptor = config.receptor();
    if (receptor.url().isPresent() && receptor.address().isPresent()) {
      throw both(
          Setting.RECEPTOR_URL,
          Setting.RECEPTOR_ADDRESS,
          "the built-in Receptor is not started when another one is used");
    }
    if (!receptor.username().isEmpty() && receptor.address().isEmpty()) {
      throw without(
          Setting.RECEPTOR_USERNAME, Setting.RECEPTOR_ADDRESS, "there is nothing to protect");
    }
    refusePasswordAlone(settings, config);
  }

  /** For every process that has the built-in Receptor. */
  static void refusePodsWithoutImages(Settings settings, OperatorConfig config) {
    var contradictions = new Contradictions(settings);
    var pods = config.pods();
    if (pods.enabled() && pods.runtimeImage().isEmpty()) {
      throw contradictions.without(
          Setting.BACKEND, Setting.POD_RUNTIME_IMAGE, "nothing would perform their actions");
    }
    if (pods.enabled() && pods.stackImages().isEmpty()) {
      throw contradictions.without(
          Setting.BACKEND, Setting.POD_STACK_IMAGES, "no app could be placed");
    }
  }

  /** Processes belong to one operator, and nobody else can lead what runs there. */
  private void ofSeveralOperators(OperatorConfig config) {
    if (config.leadsPods()) {
      return;
    }
    if (config.cluster().leaseIdentity().isPresent()) {
      throw both(
          Setting.LEASE_IDENTITY, Setting.BACKEND, "only Pods can be led by several operators");
    }
    if (config.receptor().peerAddress().isPresent()) {
      throw both(
          Setting.RECEPTOR_PEER_ADDRESS,
          Setting.BACKEND,
          "only Pods can be led by several operators");
    }
  }

  /** For every process that publishes a Receptor. */
  static void refusePasswordAlone(Settings settings, OperatorConfig config) {
    var receptor = config.receptor();
    if (receptor.username().isEmpty() && !receptor.password().isEmpty()) {
      throw new Contradictions(settings)
          .without(
              Setting.RECEPTOR_PASSWORD,
              Setting.RECEPTOR_USERNAME,
              "a password alone protects nothing");
    }
  }

  private void ofCloudController(OperatorConfig config) {
    var hasNone = config.cloudController().baseUrl().isEmpty();
    if (hasNone && config.bulk().enabled()) {
      throw without(
          Setting.BULK_SYNC, Setting.CC_BASE_URL, "there is nothing to compare apps with");
    }
    if (hasNone && config.instances().crashWatcher()) {
      throw without(Setting.CRASH_WATCHER, Setting.CC_BASE_URL, "there is nobody to tell");
    }
    if (hasNone && !config.cloudController().password().isEmpty()) {
      throw without(Setting.CC_PASSWORD, Setting.CC_BASE_URL, "nobody would get it");
    }
    if (config.bulk().enabled()
        && config.bulk().domainTtl().compareTo(config.bulk().pollingInterval()) <= 0) {
      throw both(
          Setting.DOMAIN_TTL,
          Setting.BULK_POLLING_INTERVAL,
          "the domain would be out of date before the next comparison; expected the former to be"
              + " longer");
    }
  }

  private void ofDockerCache(OperatorConfig config) {
    var staging = config.staging();
    if (!staging.dockerRegistryAddress().isEmpty() && staging.consulUrl().isEmpty()) {
      throw without(
          Setting.DOCKER_REGISTRY_ADDRESS,
          Setting.CONSUL_URL,
          "the nodes of the registry are asked for there");
    }
    if (staging.insecureDockerRegistry() && staging.dockerRegistryAddress().isEmpty()) {
      throw without(
          Setting.INSECURE_DOCKER_REGISTRY,
          Setting.DOCKER_REGISTRY_ADDRESS,
          "there is no registry to trust");
    }
  }

  private void ofListeners() {
    var taken = new LinkedHashMap<Integer, Setting>();
    for (var setting : LISTENERS) {
      var port = settings.address(setting).map(InetSocketAddress::getPort).orElse(0);
      var earlier = port == 0 ? null : taken.putIfAbsent(port, setting);
      if (earlier != null) {
        throw both(earlier, setting, "both want port " + port);
      }
    }
  }

  private ConfigException both(Setting one, Setting other, String why) {
    return new ConfigException(
        settings.placeOf(one) + " contradicts " + settings.placeOf(other) + ": " + why);
  }

  private ConfigException without(Setting one, Setting needed, String why) {
    return new ConfigException(
        settings.placeOf(one) + " needs " + settings.placeOf(needed) + " as well: " + why);
  }
}
