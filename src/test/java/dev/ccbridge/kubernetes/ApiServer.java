package dev.ccbridge.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.nio.file.Path;

/** A real API server that writes down what it is asked. */
public interface ApiServer {
  /** {@code https://127.0.0.1:port}. */
  URI uri();

  /** To be trusted, in PEM: the server's certificate, or that of who has signed it. */
  Path certificate();

  /** What ServiceAccounts asked for, each call a line of JSON: an {@code audit.k8s.io/v1} Event. */
  Path auditLog();

  /** A new client as cluster administrator; the caller closes it. */
  KubernetesClient client();
}
