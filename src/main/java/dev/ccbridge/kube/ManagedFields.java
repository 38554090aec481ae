package dev.ccbridge.kube;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;

/** Who has set which field of a resource, as an API server keeps it. */
public final class ManagedFields {
  private ManagedFields() {}

  @JsonIgnoreProperties("managedFields")
  private interface WithoutThem {}

  /**
   * What {@code mapper} reads from now on is without them: of many resources they are the larger
   * part, in the memory that they take and the time to read them. Nobody here looks at them, and an
   * API server that is sent none leaves those it has.
   */
  public static void leaveOut(ObjectMapper mapper) {
    mapper.addMixIn(ObjectMeta.class, WithoutThem.class);
  }
}
