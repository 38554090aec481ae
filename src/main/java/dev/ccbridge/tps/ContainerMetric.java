package dev.ccbridge.tps;

/**
 * What one instance uses. {@code cpuPercentage}: 100 is one core; bytes are unsigned 64-bit
 * numbers. Source: dropsonde-protocol events/metric.proto.
 */
public record ContainerMetric(
    int instanceIndex, double cpuPercentage, long memoryBytes, long diskBytes) {}
