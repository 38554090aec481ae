/**
 * The programs inside a lifecycle archive: {@code builder} turns source into a droplet, {@code
 * launcher} becomes the program of a droplet, {@code healthcheck} asks whether it answers. They are
 * processes of their own in the container: arguments, environment, exit codes and files are their
 * only interface, so they print instead of logging.
 *
 * <p>Source: buildpackapplifecycle @daa5067 and healthcheck of August 2015; {@code bin/supply} and
 * {@code bin/finalize} as in its later versions.
 */
@NullMarked
package dev.ccbridge.lifecycle;

import org.jspecify.annotations.NullMarked;
