package dev.ccbridge.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The namespaces whose resources are worked on. Who has rights in some only is refused a list
 * across all of them.
 *
 * @param names empty: all namespaces
 */
public record WatchedNamespaces(Set<String> names) {
  /** Every namespace there is. */
  public static final WatchedNamespaces ALL = new WatchedNamespaces(Set.of());

  public WatchedNamespaces {
    names = Set.copyOf(names);
  }

  /** Those of a list; an empty one: all. */
  public static WatchedNamespaces of(Collection<String> names) {
    return new WatchedNamespaces(Set.copyOf(names));
  }

  /** What the API server has now of a kind. */
  public <T extends HasMetadata> List<T> list(KubernetesClient client, Class<T> kind) {
    if (names.isEmpty()) {
      return client.resources(kind).inAnyNamespace().list().getItems();
    }
    var found = new ArrayList<T>();
    for (var name : names) {
      found.addAll(client.resources(kind).inNamespace(name).list().getItems());
    }
    return found;
  }
}
