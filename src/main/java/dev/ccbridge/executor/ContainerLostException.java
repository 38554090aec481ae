package dev.ccbridge.executor;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/**
 * A program had begun, is gone, and nobody knows how it ended: the machine was restarted, or
 * somebody killed what watched it. As it must not run twice, its task fails.
 */
public final class ContainerLostException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  /** Source: bbs db/etcd/task_convergence.go. */
  public static final String REASON = "cell disappeared before completion";

  public ContainerLostException() {
    super(ErrorKind.UNAVAILABLE, REASON);
  }
}
