package dev.ccbridge.receptor.store;

/** What is kept in the file, by the name it has there. */
enum Table {
  /** Task guid to {@link StoredTask}. */
  TASKS("tasks"),
  /** Process guid to DesiredLRPResponse. */
  DESIRED_LRPS("desired_lrps"),
  /** {@link LRPKey} as text to {@link ActualLRPGroup}. */
  ACTUAL_LRPS("actual_lrps"),
  /** Domain to {@link StoredDomain}. */
  DOMAINS("domains");

  private final String mapName;

  Table(String mapName) {
    this.mapName = mapName;
  }

  String mapName() {
    return mapName;
  }
}
