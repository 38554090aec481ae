package dev.ccbridge.receptor.history;

import java.util.Set;

/** One domain that is declared for ever: from then on it is fresh. */
final class DomainModel implements Model<Boolean, DomainModel.Operation> {
  sealed interface Operation {}

  record Upsert() implements Operation {}

  record Read(boolean fresh) implements Operation {}

  @Override
  public Boolean initial() {
    return false;
  }

  @Override
  public Set<Boolean> after(Boolean fresh, Operation operation) {
    return switch (operation) {
      case Upsert upsert -> Set.of(true);
      case Read read -> read.fresh() == fresh ? Set.of(fresh) : Set.of();
    };
  }

  @Override
  public Set<Boolean> spontaneous(Boolean fresh) {
    return Set.of();
  }
}
