package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.executor.Sandbox.Program;
import dev.ccbridge.receptor.backend.image.Image;
import dev.ccbridge.receptor.backend.image.ImageUser;
import dev.ccbridge.receptor.backend.image.TreeCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container whose root is an image: its own mount, process and user namespaces, and the image's
 * files with what the container changes put over them. All files are those of whoever runs in it:
 * root is the operator's own user, and for another user of the image a user namespace within the
 * container's calls the same user by the other's number.
 */
final class ImageConfinement implements Enclosure {
  private static final String LIFECYCLE = "/tmp/lifecycle/";
  private final Image image;
  private final Toolbox toolbox;
  private final Path scripts;
  private final boolean isLaidOver;

  /**
   * @param isLaidOver by the kernel's overlay file system; otherwise the image is copied
   */
  ImageConfinement(Image image, Toolbox toolbox, Path scripts, boolean isLaidOver) {
    this.image = image;
    this.toolbox = toolbox;
    this.scripts = scripts;
    this.isLaidOver = isLaidOver;
  }

  @Override
  public boolean hasNamespaces() {
    return true;
  }

  @Override
  public void open(ContainerDirectory directory) throws IOException {
    var command = new ArrayList<>(unshare("/bin/sh"));
    command.add(scripts.resolve("init-image.sh").toString());
    command.add(directory.path().toString());
    command.add(isLaidOver ? layOver(directory) : copy(directory));
    command.add(toolbox.prefix());
    command.addAll(toolbox.shown());
    for (var group : groups(directory).entrySet()) {
      var joining = group.getKey().resolve("cgroup.procs");
      if (Files.exists(joining)) {
        command.addAll(List.of(joining.toRealPath().toString(), group.getValue()));
      }
    }
    Confinement.open(directory, command);
  }

  /** The beginning of the command that runs {@code program} in namespaces of its own. */
  static List<String> unshare(String program) {
    return List.of("unshare", "--mount", "--pid", "--fork", "--user", "--map-root-user", program);
  }

  /** Options of an overlay; its uppermost directory survives the namespaces. */
  private String layOver(ContainerDirectory directory) throws IOException {
    Files.createDirectories(directory.changes());
    Files.createDirectories(directory.overlayWork());
    return "userxattr,lowerdir=%s:%s,upperdir=%s,workdir=%s"
        .formatted(toolbox.skeleton(), image.tree(), directory.changes(), directory.overlayWork());
  }

  private String copy(ContainerDirectory directory) throws IOException {
    var copy = directory.imageCopy();
    if (!Files.exists(copy)) {
      var next = copy.resolveSibling(copy.getFileName() + ".next");
      FileTrees.delete(next);
      TreeCopy.copy(image.tree(), next);
      TreeCopy.copy(toolbox.skeleton(), next);
      Files.move(next, copy);
    }
    return "";
  }

  @Override
  public Process watch(ContainerDirectory directory, Path run, String user) throws IOException {
    var shell = new ArrayList<>(enter(directory, user));
    shell.add("-s");
    return Confinement.watch(directory, run, scripts.resolve(Confinement.RUN_SCRIPT), shell);
  }

  /** The beginning of a command that runs a shell in the container. */
  List<String> enter(ContainerDirectory directory, String written) throws IOException {
    var user = user(written);
    var init = Confinement.init(directory);
    var command = new ArrayList<>(List.of("nsenter", "--target", Long.toString(init.pid())));
    command.addAll(List.of("--user", "--preserve-credentials"));
    command.addAll(List.of("--mount", "--pid", "--root", "--wd"));
    if (user.uid() != 0 || user.gid() != 0) {
      command.addAll(toolbox.command("unshare"));
      command.addAll(
          List.of("--user", "--map-user=" + user.uid(), "--map-group=" + user.gid(), "--"));
    }
    command.addAll(toolbox.command("sh"));
    return command;
  }

  private ImageUser user(String written) {
    return ImageUser.of(image, written.isEmpty() ? image.config().user() : written);
  }

  /** Source: garden-linux, which puts the image's variables before the container's. */
  @Override
  public Map<String, String> environment(Program program) {
    var all = new LinkedHashMap<String, String>();
    var user = user(program.user());
    all.put("PATH", Confinement.PATH);
    all.put("HOME", user.home());
    all.put("USER", user.name());
    for (var variable : image.config().environment()) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        all.put(variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    if (program.path().startsWith(LIFECYCLE)) {
      all.put("CC_BRIDGE_JAVA_HOME", Toolbox.JAVA_HOME);
    }
    return all;
  }

  @Override
  public ProgramScript.Shell shell() {
    return new ProgramScript.Shell(toolbox.prefix() + "env", toolbox.prefix() + "sh");
  }

  @Override
  public List<Path> controlGroups(ContainerDirectory directory, List<Path> joining) {
    return groups(directory).entrySet().stream()
        .filter(group -> Files.exists(group.getKey().resolve("cgroup.procs")))
        .map(group -> Path.of(group.getValue()))
        .toList();
  }

  /** Links to the container's control groups, and where its programs join them. */
  private static Map<Path, String> groups(ContainerDirectory directory) {
    return Map.of(
        directory.memoryGroup(), Toolbox.MEMORY_GROUP,
        directory.processGroup(), Toolbox.PROCESS_GROUP);
  }

  /** Its user namespaces arrange who its programs are. */
  @Override
  public Optional<Account> account(ContainerDirectory directory, String user) {
    return Optional.empty();
  }
}
