package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.util.List;

/**
 * The program {@code builder}: stages an app with the first buildpack that wants it.
 *
 * <p>Source: buildpackapplifecycle builder/main.go.
 */
public final class Builder {
  private Builder() {}

  /** Stages by the flags in {@code arguments} and ends the process with the exit code. */
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments)));
  }

  static int run(List<String> arguments) {
    try {
      new Staging(BuilderConfig.parse(System.getProperty("ccbridge.program", "builder"), arguments))
          .run();
      return 0;
    } catch (LifecycleException e) {
      System.err.println(e.message());
      return e.exitCode();
    } catch (IOException e) {
      System.err.println("staging failed: " + e);
      return LifecycleException.FAILED;
    }
  }
}
