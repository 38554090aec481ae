package dev.ccbridge.receptor.backend.pod.cell;

import java.util.Map;

/** Where things are in a container of a Pod; the operator mounts them there. */
public final class CellPaths {
  private CellPaths() {}

  private static final String ROOT = "/run/cc-bridge";

  /** The Java runtime with the program, its loader and its C library: an image. */
  public static final String RUNTIME = ROOT + "/runtime";

  /** A Java for programs of lifecycle archives, of the same runtime. */
  public static final String LIFECYCLE_JAVA = RUNTIME + "/lifecycle";

  /** By this they find it; they keep it from what they start themselves. */
  public static final String LIFECYCLE_JAVA_VARIABLE = "CC_BRIDGE_JAVA_HOME";

  /** What is to be done: a file of a Secret. */
  public static final String SPEC = ROOT + "/spec.json";

  /**
   * The container's own disk, of which {@link #HOME} and {@link #TMP} are parts; reached as one
   * tree, so that what was unpacked aside can be moved to its place.
   */
  public static final String WORK = ROOT + "/work";

  public static final String HOME = "/home/vcap";
  public static final String TMP = "/tmp";

  /** Names of the parts within {@link #WORK}. */
  public static final String HOME_PART = "home";

  public static final String TMP_PART = "tmp";

  /** The variable that holds the Pod's own address. */
  public static final String ADDRESS_VARIABLE = "CC_BRIDGE_POD_IP";

  /**
   * The variables by which Java hands on arguments and names of files as UTF-8. Not for other
   * programs, which go by {@code LANG}.
   */
  public static final Map<String, String> LOCALE =
      Map.of("LC_ALL", "C.UTF-8", "LOCPATH", RUNTIME + "/libc/locale");
}
