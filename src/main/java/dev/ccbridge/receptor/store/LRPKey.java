package dev.ccbridge.receptor.store;

/** One index of one LRP. */
record LRPKey(String processGuid, int index) {

  /** Unique, since a process guid has no slash. */
  String asText() {
    return processGuid + "/" + index;
  }
}
