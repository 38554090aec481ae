package dev.ccbridge.web;

/** Answers a request. Called on a virtual thread of its own, so it may block. */
@FunctionalInterface
public interface Handler {

  /** Any exception is turned into an answer by the router's error mapping. */
  Response handle(Request request) throws Exception;
}
