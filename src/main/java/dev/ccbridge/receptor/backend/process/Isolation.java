package dev.ccbridge.receptor.backend.process;

/** How a container's programs come to see its own {@code /tmp} and {@code /home/vcap}. */
public enum Isolation {
  /** Mount and process namespaces; needs root. */
  NAMESPACES,
  /** The same inside a user namespace; needs a Linux that lets ordinary users make these. */
  USER_NAMESPACES,
  /** No namespaces: the paths that actions declare are rewritten. */
  PATH_REWRITING
}
