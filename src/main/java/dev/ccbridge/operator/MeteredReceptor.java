package dev.ccbridge.operator;

import dev.ccbridge.receptor.Receptor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times each call of a Receptor, by the name of the operation and whether it was
 * answered with an error. Thread-safe.
 */
final class MeteredReceptor implements InvocationHandler {
  /** Ends the Receptor and asks it nothing. */
  private static final String CLOSE = "close";

  private record Timers(Timer answered, Timer failed) {}

  private final Receptor receptor;
  private final Map<String, Timers> timers = new HashMap<>();

  private MeteredReceptor(Receptor receptor, MeterRegistry registry) {
    this.receptor = receptor;
    Arrays.stream(Receptor.class.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .map(Method::getName)
        .filter(name -> !name.equals(CLOSE))
        .distinct()
        .forEach(
            name ->
                timers.put(
                    name, new Timers(timer(registry, name, "ok"), timer(registry, name, "error"))));
  }

  private static Timer timer(MeterRegistry registry, String operation, String result) {
    return Timer.builder("ccbridge.receptor.calls")
        .description("calls of the Receptor, built in or remote, until its answer")
        .tag("operation", operation)
        .tag("result", result)
        .register(registry);
  }

  /** The same Receptor. */
  static Receptor of(Receptor receptor, MeterRegistry registry) {
    return (Receptor)
        Proxy.newProxyInstance(
            MeteredReceptor.class.getClassLoader(),
            new Class<?>[] {Receptor.class},
            new MeteredReceptor(receptor, registry));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    var known = timers.get(method.getName());
    var begun = System.nanoTime();
    var answered = false;
    try {
      var answer = method.invoke(receptor, arguments);
      answered = true;
      return answer;
    } catch (InvocationTargetException failure) {
      throw failure.getCause() == null ? failure : failure.getCause();
    } finally {
      if (known != null) {
        (answered ? known.answered() : known.failed())
            .record(Duration.ofNanos(System.nanoTime() - begun));
      }
    }
  }
}
