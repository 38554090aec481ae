package dev.ccbridge.e2e;

import dev.ccbridge.e2e.AuditLog.Call;
import dev.ccbridge.kubernetes.Command;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The ServiceAccount of the chart with the rights that the chart gives it, on an API server. */
public final class ChartRights implements AutoCloseable {
  private static final Set<Class<? extends HasMetadata>> KINDS =
      Set.of(
          ServiceAccount.class,
          Role.class,
          RoleBinding.class,
          ClusterRole.class,
          ClusterRoleBinding.class);

  private final KubernetesClient admin;
  private final String namespace;
  private final List<String> namespaces;
  private final List<HasMetadata> objects;

  /**
   * One verb for one resource.
   *
   * @param role without the release's namespace
   * @param namespace empty: in all of them
   * @param names empty: of every name
   */
  public record Grant(
      String role,
      String namespace,
      String verb,
      String group,
      String resource,
      List<String> names) {
    private boolean isLike(Grant other) {
      return role.equals(other.role)
          && verb.equals(other.verb)
          && group.equals(other.group)
          && resource.equals(other.resource)
          && names.equals(other.names);
    }

    boolean covers(Call call) {
      return verb.equals(call.verb())
          && group.equals(call.group())
          && resource.equals(call.resource())
          && isIn(call.namespace())
          && (names.isEmpty() || names.contains(call.name()));
    }

    private boolean isIn(String other) {
      return namespace.isEmpty() || namespace.equals(other);
    }

    @Override
    public String toString() {
      var of = names.isEmpty() ? "" : " " + names;
      return "%s %s%s by %s".formatted(verb, resource, of, role);
    }
  }

  /**
   * Installs what {@code helm template} makes of these values for a release in this namespace.
   *
   * @param namespaces that there have to be besides
   */
  public ChartRights(
      KubernetesClient admin, String namespace, List<String> namespaces, String... values) {
    this.admin = admin;
    this.namespace = namespace;
    var rendered =
        Command.helm()
            .and("template", "cc-bridge", "helm/cc-bridge", "--namespace", namespace)
            .and("--kube-version", "1.36")
            .run(values);
    this.objects =
        admin
            .load(new ByteArrayInputStream(rendered.getBytes(StandardCharsets.UTF_8)))
            .items()
            .stream()
            .filter(object -> KINDS.contains(object.getClass()))
            .toList();
    this.namespaces = Stream.concat(Stream.of(namespace), namespaces.stream()).toList();
    this.namespaces.forEach(
        name ->
            admin
                .resource(
                    new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
                .create());
    objects.forEach(object -> admin.resource(object).inNamespace(namespaceOf(object)).create());
  }

  private String namespaceOf(HasMetadata object) {
    var own = object.getMetadata().getNamespace();
    return own == null ? namespace : own;
  }

  /** Of the release. */
  String namespace() {
    return namespace;
  }

  String user() {
    return "system:serviceaccount:" + namespace + ":cc-bridge";
  }

  /** Of the ServiceAccount, for an hour. */
  public String token() {
    return admin
        .serviceAccounts()
        .inNamespace(namespace)
        .withName("cc-bridge")
        .tokenRequest(
            new TokenRequestBuilder().withNewSpec().withExpirationSeconds(3600L).endSpec().build())
        .getStatus()
        .getToken();
  }

  /** All that the ServiceAccount may do; what the chart lets people do is not among it. */
  public List<Grant> grants() {
    var grants = new ArrayList<Grant>();
    for (var object : objects) {
      for (var rule : rules(object)) {
        for (var group : rule.getApiGroups()) {
          for (var resource : rule.getResources()) {
            for (var verb : rule.getVerbs()) {
              grants.add(
                  new Grant(
                      role(object),
                      object instanceof Role ? namespaceOf(object) : "",
                      verb,
                      group,
                      resource,
                      rule.getResourceNames()));
            }
          }
        }
      }
    }
    return grants;
  }

  /** What is of the cluster has the release's namespace in its name. */
  private String role(HasMetadata object) {
    var name = object.getMetadata().getName();
    var prefix = object instanceof ClusterRole ? namespace + "-" : "";
    return name.substring(prefix.length());
  }

  /** Those that another release does not have. */
  List<Grant> grantsBesides(ChartRights other) {
    var others = other.grants();
    return grants().stream().filter(grant -> others.stream().noneMatch(grant::isLike)).toList();
  }

  private static List<PolicyRule> rules(HasMetadata object) {
    return switch (object) {
      case Role role -> role.getRules();
      case ClusterRole role when !isForPeople(role) -> role.getRules();
      default -> List.of();
    };
  }

  private static boolean isForPeople(ClusterRole role) {
    return role.getMetadata().getLabels().keySet().stream()
        .anyMatch(label -> label.contains("aggregate-to"));
  }

  /**
   * From now on the ServiceAccount may not do that in the right's namespace, whatever grants it.
   *
   * @param right of this release, or of one with the same values
   */
  public void take(Grant right) {
    var taken = grants().stream().filter(right::isLike).findFirst().orElseThrow();
    for (var object : objects) {
      switch (object) {
        case Role role when taken.isIn(namespaceOf(role)) -> {
          var stored = admin.resource(role).inNamespace(namespaceOf(role)).get();
          stored.setRules(without(stored.getRules(), taken));
          admin.resource(stored).update();
        }
        case ClusterRole role when !isForPeople(role) -> {
          var stored = admin.resource(role).get();
          stored.setRules(without(stored.getRules(), taken));
          admin.resource(stored).update();
        }
        default -> {}
      }
    }
  }

  /** Each rule is taken apart, so that no other resource of it loses the verb. */
  private static List<PolicyRule> without(List<PolicyRule> rules, Grant taken) {
    var left = new ArrayList<PolicyRule>();
    for (var rule : rules) {
      for (var resource : rule.getResources()) {
        var verbs = new ArrayList<>(rule.getVerbs());
        if (resource.equals(taken.resource()) && rule.getApiGroups().contains(taken.group())) {
          verbs.remove(taken.verb());
        }
        if (!verbs.isEmpty()) {
          left.add(
              new PolicyRuleBuilder()
                  .withApiGroups(List.copyOf(rule.getApiGroups()))
                  .withResources(List.of(resource))
                  .withResourceNames(List.copyOf(rule.getResourceNames()))
                  .withVerbs(verbs)
                  .build());
        }
      }
    }
    return left;
  }

  /** With all that is in the namespaces, where somebody collects it. */
  @Override
  public void close() {
    objects.forEach(object -> admin.resource(object).inNamespace(namespaceOf(object)).delete());
    namespaces.forEach(name -> admin.namespaces().withName(name).delete());
  }
}
