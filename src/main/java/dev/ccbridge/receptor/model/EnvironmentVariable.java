package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One variable; the order of a list of them is kept, and the last of the same name wins. */
public record EnvironmentVariable(
    @JsonProperty("name") String name, @JsonProperty("value") String value) {
  public EnvironmentVariable {
    name = Wire.text(name);
    value = Wire.text(value);
  }

  /** An unmodifiable copy; a null element is a variable without name and value. */
  static List<EnvironmentVariable> list(
      @Nullable Collection<? extends @Nullable EnvironmentVariable> values) {
    return values == null
        ? List.of()
        : values.stream().map(v -> v == null ? new EnvironmentVariable("", "") : v).toList();
  }

  /** Values may be secret, so they are not printed. */
  @Override
  public String toString() {
    return name + "=…";
  }
}
