package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.devserver.schema.Ownership.Manager;
import dev.ccbridge.web.HttpService;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kubernetes API for trying things without a cluster, never for production. Whoever has its
 * kubeconfig is the administrator; who has not is refused.
 */
public final class DevServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DevServer.class);
  private static final List<String> FIRST_NAMESPACES =
      List.of("default", "kube-system", "kube-public", "kube-node-lease");

  private final ObjectStore store;
  private final Housekeeper housekeeper;
  private final HttpService http;
  private final ServerIdentity identity;

  private DevServer(
      ObjectStore store, Housekeeper housekeeper, HttpService http, ServerIdentity identity) {
    this.store = store;
    this.housekeeper = housekeeper;
    this.http = http;
    this.identity = identity;
  }

  /**
   * Starts serving; when this returns, the CRDs given are served.
   *
   * @throws CcBridgeException UNAVAILABLE when the address or the file cannot be had,
   *     INVALID_REQUEST when a CRD is refused
   */
  public static DevServer start(DevServerConfig config) {
    var store = new ObjectStore(config.dataFile());
    try {
      var types = new ResourceTypes();
      var writes = new Writes(store, types, config.clock());
      var deletions = new Deletions(store, writes);
      var definitions = new CustomResourceDefinitions(store, types, writes);
      definitions.serveAll();
      new Bootstrap(store, types, writes, definitions).run(FIRST_NAMESPACES, config.definitions());
      var identity = ServerIdentity.of(store);
      var resources = new ResourceHandler(store, writes, deletions, definitions, config.clock());
      var http =
          HttpService.start(
              config.address(),
              new KubernetesApi(identity.token(), types, resources),
              identity.sslContext());
      var housekeeper = new Housekeeper(store, types, deletions, config.clock());
      housekeeper.start();
      LOG.warn(
          "development Kubernetes API started, not for production uri={} kept={}",
          http.uri(),
          config.dataFile() == null ? "in memory" : config.dataFile());
      return new DevServer(store, housekeeper, http, identity);
    } catch (RuntimeException failure) {
      store.close();
      throw failure;
    }
  }

  /** {@code https://host:port}. */
  public URI uri() {
    return http.uri();
  }

  /** The bearer token that requests must carry; a secret. */
  public String token() {
    return identity.token();
  }

  /** The certificate to trust, in PEM. */
  public String certificate() {
    return identity.certificatePem();
  }

  /**
   * Writes a kubeconfig that makes its reader the administrator; readable by its owner only.
   *
   * @throws CcBridgeException UNAVAILABLE when the file cannot be written
   */
  public void writeKubeconfig(Path file) {
    var text =
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: cc-bridge-dev
          cluster:
            server: %s
            certificate-authority-data: %s
        users:
        - name: admin
          user:
            token: %s
        contexts:
        - name: cc-bridge-dev
          context:
            cluster: cc-bridge-dev
            user: admin
            namespace: default
        current-context: cc-bridge-dev
        """
            .formatted(uri(), base64(certificate()), token());
    try {
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, text);
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE, "cannot write the kubeconfig " + file, failure);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Stops serving; open watches end. */
  @Override
  public void close() {
    housekeeper.close();
    store.endWatches();
    http.close();
    store.close();
  }

  /** Makes what must be there before the first request. */
  private record Bootstrap(
      ObjectStore store,
      ResourceTypes types,
      Writes writes,
      CustomResourceDefinitions definitions) {

    void run(List<String> namespaces, List<String> crds) {
      for (var name : namespaces) {
        var type = types.core("namespaces");
        if (store.get(type.key("", name)).isEmpty()) {
          var namespace = Json.object().put("kind", "Namespace").put("apiVersion", "v1");
          namespace.putObject("metadata").put("name", name);
          put(type, namespace);
        }
      }
      for (var text : crds) {
        for (var document : documents(text)) {
          define(document);
        }
      }
    }

    private static List<ObjectNode> documents(String text) {
      var found = new ArrayList<ObjectNode>();
      for (var document : text.split("(?m)^---.*$")) {
        try {
          if (Json.parseYaml(document.getBytes(StandardCharsets.UTF_8))
              instanceof ObjectNode object) {
            found.add(object);
          }
        } catch (IOException malformed) {
          throw new CcBridgeException(
              ErrorKind.INVALID_REQUEST, "a CRD is no YAML: " + malformed.getMessage(), malformed);
        }
      }
      return found;
    }

    /** Creates the CRD, or brings the stored one up to date. */
    private void define(ObjectNode crd) {
      var type = types.customResourceDefinitions();
      var name = Json.text(crd, "metadata", "name");
      var stored = store.get(type.key("", name));
      if (stored.isEmpty()) {
        put(type, crd);
      } else {
        var old = type.fromStored(stored.get());
        ObjectNode changed = old.deepCopy();
        changed.set("spec", crd.path("spec").deepCopy());
        Incoming.normalize(changed, type);
        var owned = type.ownership().update(old, changed, manager(type), writes.now());
        writes.update(type, stored.get(), owned, false);
      }
      definitions.established(name);
    }

    private void put(ResourceType type, ObjectNode object) {
      Incoming.normalize(object, type);
      writes.create(type, "", object, manager(type), false);
    }

    private static Manager manager(ResourceType type) {
      return new Manager("cc-bridge-dev", "Update", type.apiVersion(), "");
    }
  }
}
