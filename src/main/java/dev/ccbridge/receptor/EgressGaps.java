package dev.ccbridge.receptor;

import dev.ccbridge.receptor.model.SecurityGroupRule;
import java.util.List;

/**
 * Which egress rules are not enforced where a Receptor runs containers. Its API does not tell, so
 * this is known of a built-in one only.
 */
@FunctionalInterface
public interface EgressGaps {
  /** Of a Receptor that is elsewhere. */
  EgressGaps UNKNOWN = rules -> List.of();

  /** In words for people; empty: it is not known that anything is lost. */
  List<String> of(List<SecurityGroupRule> rules);
}
