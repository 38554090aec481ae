package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a port of the container is reached from outside. */
public record PortMapping(
    @JsonProperty("container_port") int containerPort,
    @JsonProperty("host_port") @JsonInclude(Include.NON_DEFAULT) int hostPort) {}
