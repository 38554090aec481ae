package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.TaskState;
import java.util.Map;

/**
 * How much a Receptor has at the moment.
 *
 * @param tasks by state; states without any are left out
 * @param instances of LRPs, by state; one for each index, and states without any are left out
 * @param desiredLRPs LRPs that are wanted
 * @param subscribers open event streams
 */
public record Census(
    Map<TaskState, Long> tasks,
    Map<ActualLRPState, Long> instances,
    int desiredLRPs,
    int subscribers) {}
