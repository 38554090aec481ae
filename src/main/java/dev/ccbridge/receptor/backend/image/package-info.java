/**
 * Images of containers on the disk of a cell: fetched from a registry, kept, and unpacked to a tree
 * of files. Answers to garden-linux's repository fetcher and graph, and to Docker's pkg/archive.
 *
 * <p>Nothing in an image is trusted: while its layers are unpacked no name and no link leads out of
 * the tree, and neither devices nor set-user-id bits are made. All files belong to us, whatever
 * owner an image names.
 */
@NullMarked
package dev.ccbridge.receptor.backend.image;

import org.jspecify.annotations.NullMarked;
