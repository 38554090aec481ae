package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** One variable; the order of a list of them is kept, and the last of the same name wins. */
public record EnvironmentVariable(
    @JsonProperty("name") String name, @JsonProperty("value") String value) {
  public EnvironmentVariable {
    name = Wire.text(name);
    value = Wire.text(value);
  }

  /** Values may be secret, so they are not printed. */
  @Override
  public String toString() {
    return name + "=…";
  }
}
