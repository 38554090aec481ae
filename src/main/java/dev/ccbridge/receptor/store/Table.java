package dev.ccbridge.receptor.store;

/** What is kept, by the name it has there. */
public enum Table {
  /** Task guid to {@link StoredTask}. */
  TASKS("tasks"),
  /** Process guid to DesiredLRPResponse. */
  DESIRED_LRPS("desired_lrps"),
  /** Process guid, slash and index to {@link ActualLRPGroup}. */
  ACTUAL_LRPS("actual_lrps"),
  /** Domain to {@link StoredDomain}. */
  DOMAINS("domains");

  private final String mapName;

  Table(String mapName) {
    this.mapName = mapName;
  }

  public String mapName() {
    return mapName;
  }
}
