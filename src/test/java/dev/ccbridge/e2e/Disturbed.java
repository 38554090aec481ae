package dev.ccbridge.e2e;

/** A program with relays to its neighbours, started again whenever it ends. */
interface Disturbed {
  CallSites sites();

  /** SIGKILL. */
  void kill();

  /**
   * Takes away what the first start of all has made at this call, so that the next makes it too.
   */
  void undo(CallSites.Site site);

  /** All watches and event streams begin anew. */
  void cutStreams();

  /** How often the program has been started. */
  int starts();

  /**
   * One app through its life; fails unless it comes to what it is to come to.
   *
   * @param point what goes wrong in it
   */
  void flow(String point) throws Exception;
}
