package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.ActionExecutor;
import dev.ccbridge.executor.InstanceExecutor;
import dev.ccbridge.receptor.backend.ContainerListener;
import java.time.Clock;

/** What all containers of a started backend share. */
record Machinery(
    ProcessBackendConfig config,
    ContainerListener listener,
    Confinement confinement,
    ImageRoots imageRoots,
    ControlGroups controlGroups,
    Leash leash,
    ActionExecutor actions,
    InstanceExecutor instances,
    ContainerLogs logs,
    HostPorts hostPorts,
    Clock clock) {}
