package dev.ccbridge.receptor.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a Receptor refuses to store, in the words and the order of the August 2015 server. All
 * problems of a request make one message, joined with {@code ", "}.
 *
 * <p>Differs from Diego: a malformed action tree and a null route are refused like any other bad
 * field, where the original dropped the connection; instances have an upper bound. Source:
 * bbs/models/task.go, desired_lrp.go Validate().
 */
public final class Validation {
  /** Bytes of UTF-8. */
  static final int MAX_ANNOTATION_BYTES = 10 * 1024;

  /** Bytes of all values together, as they were sent. */
  static final int MAX_ROUTES_BYTES = 4 * 1024;

  static final int MAX_CPU_WEIGHT = 100;

  /** Each instance is a record, so one request must not ask for any number of them. */
  static final int MAX_INSTANCES = 10_000;

  /** What is deeper could be stored, and never be read again as part of a list. */
  static final int MAX_ROUTE_DEPTH = 100;

  private static final Pattern GUID = Pattern.compile("[a-zA-Z0-9_-]+");

  private Validation() {}

  /**
   * @throws ReceptorException InvalidTask
   */
  public static void check(TaskCreateRequest task) {
    var url = task.completionCallbackUrl();
    if (!url.isEmpty() && GoUrl.parseRequestUri(url).isEmpty()) {
      // The address may hold a token, so unlike the original's text this one does not repeat it.
      throw new ReceptorException(
          ReceptorErrorName.InvalidTask,
          "parse completion_callback_url: invalid URI for request, want a scheme or a leading /");
    }
    refuse(ReceptorErrorName.InvalidTask, problems(task));
  }

  /**
   * @throws ReceptorException InvalidLRP
   */
  public static void check(DesiredLRPCreateRequest lrp) {
    refuse(ReceptorErrorName.InvalidLRP, problems(lrp));
  }

  /**
   * @throws ReceptorException UnknownError: an update never answers InvalidLRP
   */
  public static void check(DesiredLRPUpdateRequest update) {
    var problems = new ArrayList<String>();
    var instances = update.instances();
    unless(instances == null || instancesFit(instances), "instances", problems);
    unless(annotationFits(update.annotation()), "annotation", problems);
    unless(routesFit(update.routes()), "routes", problems);
    refuse(ReceptorErrorName.UnknownError, problems);
  }

  static String invalidField(String field) {
    return "Invalid field: " + field;
  }

  private static List<String> problems(TaskCreateRequest task) {
    var problems = new ArrayList<String>();
    unless(GUID.matcher(task.taskGuid()).matches(), "task_guid", problems);
    unless(!task.domain().isEmpty(), "domain", problems);
    unless(GoUrl.hasScheme(task.rootfs()), "rootfs", problems);
    problems.addAll(ActionValidation.problemsOfRequired(task.action()));
    unless(task.cpuWeight() <= MAX_CPU_WEIGHT, "cpu_weight", problems);
    unless(annotationFits(task.annotation()), "annotation", problems);
    for (var rule : task.egressRules()) {
      unless(EgressRuleValidation.problems(rule).isEmpty(), "egress_rules", problems);
    }
    return problems;
  }

  private static List<String> problems(DesiredLRPCreateRequest lrp) {
    var problems = new ArrayList<String>();
    unless(!lrp.domain().isEmpty(), "domain", problems);
    unless(GUID.matcher(lrp.processGuid()).matches(), "process_guid", problems);
    unless(!lrp.rootfs().isEmpty(), "rootfs", problems);
    unless(GoUrl.hasScheme(lrp.rootfs()), "rootfs", problems);
    optional(lrp.setup()).ifPresent(a -> problems.addAll(ActionValidation.problems(a)));
    problems.addAll(ActionValidation.problemsOfRequired(lrp.action()));
    optional(lrp.monitor()).ifPresent(a -> problems.addAll(ActionValidation.problems(a)));
    unless(instancesFit(lrp.instances()), "instances", problems);
    unless(lrp.cpuWeight() <= MAX_CPU_WEIGHT, "cpu_weight", problems);
    unless(annotationFits(lrp.annotation()), "annotation", problems);
    unless(routesFit(lrp.routes()), "routes", problems);
    unless(
        !lrp.imageUsername().isEmpty() || lrp.imagePassword().isEmpty(),
        "image_username",
        problems);
    unless(
        lrp.imageUsername().isEmpty() || !lrp.imagePassword().isEmpty(),
        "image_password",
        problems);
    for (var rule : lrp.egressRules()) {
      var found = EgressRuleValidation.problems(rule);
      unless(found.isEmpty(), "egress_rules", problems);
      problems.addAll(found);
    }
    return problems;
  }

  private static Optional<Action> optional(@Nullable Action action) {
    return Optional.ofNullable(action);
  }

  private static void unless(boolean valid, String field, List<String> problems) {
    if (!valid) {
      problems.add(invalidField(field));
    }
  }

  private static boolean instancesFit(int instances) {
    return instances >= 0 && instances <= MAX_INSTANCES;
  }

  private static boolean annotationFits(@Nullable String annotation) {
    return annotation == null
        || annotation.getBytes(StandardCharsets.UTF_8).length <= MAX_ANNOTATION_BYTES;
  }

  private static boolean routesFit(@Nullable Map<String, RouteValue> routes) {
    if (routes == null) {
      return true;
    }
    var bytes = 0L;
    for (var route : routes.values()) {
      if (route.isNull() || route.depth() > MAX_ROUTE_DEPTH) {
        return false;
      }
      bytes += route.sentBytes();
    }
    return bytes <= MAX_ROUTES_BYTES;
  }

  private static void refuse(ReceptorErrorName name, List<String> problems) {
    if (!problems.isEmpty()) {
      throw new ReceptorException(name, String.join(", ", problems));
    }
  }
}
