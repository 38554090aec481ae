package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.Sandbox.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What surrounds the programs of a container: the machine's own files, or those of an image.
 * Thread-safe, except that {@link #open} is called by one thread at a time for a container.
 */
interface Enclosure {

  /** Whether programs see the container's paths under the names they have there. */
  boolean hasNamespaces();

  /**
   * Makes the container's namespaces, unless they are there already.
   *
   * @throws IOException when they cannot be made
   */
  void open(ContainerDirectory directory) throws IOException;

  /**
   * Starts what watches the program of a run's script. It outlives the operator, and ends without
   * doing anything if another has the run already.
   *
   * @param user whose program it is; empty: nobody in particular
   */
  Process watch(ContainerDirectory directory, Path run, String user) throws IOException;

  /** Variables that anything else may override. */
  Map<String, String> environment(Program program);

  /** What a script of a program finds around it. */
  ProgramScript.Shell shell();

  /**
   * Where a program finds the files by which it joins the container's control groups.
   *
   * @param joining the files, as the machine names them
   */
  List<Path> controlGroups(ContainerDirectory directory, List<Path> joining);

  /**
   * Whom a program of {@code user} runs as; empty: whoever runs in the container.
   *
   * @throws IOException when it cannot be told
   */
  Optional<Account> account(ContainerDirectory directory, String user) throws IOException;
}
