package dev.ccbridge.receptor.model;

import dev.ccbridge.ErrorKind;

/**
 * The names of errors on the wire, each constant spelt as it is sent. Source: receptor/errors.go.
 */
public enum ReceptorErrorName {
  TaskGuidAlreadyExists(ErrorKind.CONFLICT),
  TaskNotDeletable(ErrorKind.CONFLICT),
  TaskNotFound(ErrorKind.NOT_FOUND),
  InvalidTask(ErrorKind.INVALID_REQUEST),
  DesiredLRPAlreadyExists(ErrorKind.CONFLICT),
  DesiredLRPNotFound(ErrorKind.NOT_FOUND),
  InvalidLRP(ErrorKind.INVALID_REQUEST),
  /** A conflict for its client, yet sent with status 500. */
  ResourceConflict(ErrorKind.INTERNAL),
  ActualLRPIndexNotFound(ErrorKind.NOT_FOUND),
  InvalidDomain(ErrorKind.INVALID_REQUEST),
  InvalidJSON(ErrorKind.INVALID_REQUEST),
  InvalidRequest(ErrorKind.INVALID_REQUEST),
  Unauthorized(ErrorKind.INVALID_REQUEST),
  UnknownError(ErrorKind.INTERNAL),
  /** Made by a client of an answer that is no Receptor's; never sent. */
  InvalidResponse(ErrorKind.UNAVAILABLE),
  /** Made by a client when the router in between answered; never sent. */
  RouterError(ErrorKind.UNAVAILABLE);

  private final ErrorKind kind;

  ReceptorErrorName(ErrorKind kind) {
    this.kind = kind;
  }

  public ErrorKind kind() {
    return kind;
  }
}
