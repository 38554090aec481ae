package dev.ccbridge.operator;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.kube.ManagedFields;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the Kubernetes API is reached. */
final class Kubernetes {
  private static final Logger LOG = LoggerFactory.getLogger(Kubernetes.class);
  private static final int IMPATIENT_MILLIS = 10_000;
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----(.+?)-----END PRIVATE KEY-----", Pattern.DOTALL);

  private Kubernetes() {}

  /**
   * @param kubeconfig empty: the usual places
   * @throws CcBridgeException INVALID_REQUEST when the file is not there or cannot be used
   */
  static KubernetesClient client(Optional<Path> kubeconfig) {
    return client(config(kubeconfig));
  }

  /** The same, but it leaves it to its user to try again, and gives up early. */
  static KubernetesClient impatientClient(Optional<Path> kubeconfig) {
    var config = config(kubeconfig);
    config.setRequestRetryBackoffLimit(0);
    config.setRequestTimeout(IMPATIENT_MILLIS);
    return client(config);
  }

  private static KubernetesClient client(Config config) {
    var mapper = new ObjectMapper();
    // One resource with a word from a newer version must not stop the whole informer.
    mapper.enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL);
    ManagedFields.leaveOut(mapper);
    return new KubernetesClientBuilder()
        .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
        .withHttpClientFactory(new LightHttp())
        .withConfig(config)
        .build();
  }

  private static Config config(Optional<Path> kubeconfig) {
    var config = kubeconfig.map(Kubernetes::configOf).orElseGet(() -> Config.autoConfigure(null));
    return withKeyAlgorithm(withoutVainRefresh(config));
  }

  /**
   * Whether this process was told of a cluster: by a setting, by {@code KUBECONFIG}, or by running
   * in one.
   */
  static boolean isGiven(OperatorConfig.Cluster cluster, Map<String, String> environment) {
    return cluster.kubeconfig().isPresent()
        || !environment.getOrDefault("KUBECONFIG", "").isBlank()
        || (environment.containsKey("KUBERNETES_SERVICE_HOST")
            && Files.isReadable(Path.of(Config.KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH)));
  }

  /** Where leases of our processes are. */
  static String leaseNamespace(OperatorConfig.Cluster cluster, KubernetesClient kubernetes) {
    var own = kubernetes.getNamespace();
    return cluster.leaseNamespace().orElse(own == null || own.isBlank() ? "default" : own);
  }

  private static Config configOf(Path file) {
    if (!Files.isReadable(file)) {
      throw new ConfigException(
          Setting.KUBECONFIG.variable()
              + " is "
              + file
              + ", which cannot be read; expected a kubeconfig");
    }
    try {
      return Config.fromKubeconfig(file.toFile());
    } catch (RuntimeException notOne) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          file + " is no usable kubeconfig: " + notOne.getMessage(),
          notOne);
    }
  }

  /**
   * Of a configuration that has no token, but a certificate, the client would look for one in its
   * file with each request once it is a minute old.
   */
  private static Config withoutVainRefresh(Config config) {
    var hasCertificate = config.getClientCertFile() != null || config.getClientCertData() != null;
    if (hasCertificate
        && config.getOauthToken() == null
        && config.getAutoOAuthToken() == null
        && config.getAuthProvider() == null) {
      config.setOauthTokenProvider(() -> null);
    }
    return config;
  }

  /**
   * The client takes every PKCS#8 key for an RSA key unless it is told; the key itself says what it
   * is.
   */
  private static Config withKeyAlgorithm(Config config) {
    if (config.getClientKeyData() == null && config.getClientKeyFile() == null) {
      return config;
    }
    try {
      var pem =
          config.getClientKeyData() == null
              ? Files.readString(Path.of(config.getClientKeyFile()))
              : new String(
                  Base64.getDecoder().decode(config.getClientKeyData()), StandardCharsets.US_ASCII);
      var pkcs8 = PKCS8.matcher(pem);
      if (pkcs8.find()) {
        var key = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pkcs8.group(1)));
        KeyFactory.getInstance("EC").generatePrivate(key);
        config.setClientKeyAlgo("EC");
      }
    } catch (IOException | IllegalArgumentException | GeneralSecurityException notAnEcKey) {
      LOG.debug("client key is left to the client's own reading of it");
    }
    return config;
  }
}
