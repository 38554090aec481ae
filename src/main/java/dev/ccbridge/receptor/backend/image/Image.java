package dev.ccbridge.receptor.backend.image;

import dev.ccbridge.registry.Digest;
import dev.ccbridge.registry.ImageConfig;
import java.nio.file.Path;

/**
 * An image on this machine.
 *
 * @param digest of its manifest
 * @param tree its files, not to be changed
 */
public record Image(Digest digest, Path tree, ImageConfig config) {}
