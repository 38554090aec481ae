package dev.ccbridge.receptor.backend.pod.cell;

import dev.ccbridge.executor.ProgramEnvironment;
import dev.ccbridge.executor.Sandbox;
import dev.ccbridge.executor.SandboxException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/** The container around this program, as actions see it. Thread-safe. */
final class CellSandbox implements Sandbox {
  private static final String FAILED = "failed to run container";
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final PathResolver paths =
      new PathResolver(Path.of(CellPaths.HOME), Path.of(CellPaths.TMP), Path.of(CellPaths.WORK));
  private final ProgramEnvironment environment;
  private final Map<String, String> image;
  private final CellLog log;
  private final Clock clock;

  /**
   * @param given the variables of this process: the image's and the kubelet's
   */
  CellSandbox(ProgramEnvironment environment, Map<String, String> given, CellLog log, Clock clock) {
    this.environment = environment;
    this.image = ofImage(given);
    this.log = log;
    this.clock = clock;
  }

  /** Without what the kubelet tells every container of its cluster, and what is for Java only. */
  private static Map<String, String> ofImage(Map<String, String> given) {
    var all = new LinkedHashMap<String, String>();
    all.put("PATH", PATH);
    all.put("LANG", "C.UTF-8");
    all.putAll(given);
    all.keySet().removeIf(name -> name.startsWith("KUBERNETES_") || name.startsWith("CC_BRIDGE_"));
    all.keySet().removeAll(CellPaths.LOCALE.keySet());
    all.put(CellPaths.LIFECYCLE_JAVA_VARIABLE, CellPaths.LIFECYCLE_JAVA);
    all.put("HOME", CellPaths.HOME);
    all.put("USER", "vcap");
    return all;
  }

  @Override
  public Execution start(String id, Program program) {
    try {
      var dir = Path.of(CellPaths.HOME).resolve(program.dir()).toFile();
      return ChildProgram.start(program, environment(program), dir, log, clock);
    } catch (IOException e) {
      throw new SandboxException(FAILED, e);
    }
  }

  /**
   * Becomes the program. Returns only when there is none.
   *
   * @return the exit status that says so
   */
  int become(Program program) {
    return ProgramImage.become(
        program, environment(program), Path.of(CellPaths.HOME).resolve(program.dir()));
  }

  Map<String, String> environment(Program program) {
    return environment.with(image, program.env());
  }

  @Override
  public Path resolve(String path) {
    return paths.resolve(path);
  }

  @Override
  public Path scratch() {
    return Path.of(CellPaths.WORK, "scratch");
  }

  /** A Pod has one user, which all its files are of. */
  @Override
  public void give(Path tree, String user) {}
}
