/**
 * The programs inside a lifecycle archive: {@code builder} turns source into a droplet, {@code
 * launcher} becomes the program of a droplet, {@code healthcheck} asks whether it answers, {@code
 * diego-sshd} lets its owner look inside. They are processes of their own in the container:
 * arguments, environment, exit codes and files are their only interface, so they print instead of
 * logging.
 *
 * <p>Three archives have them: for buildpacks, for Docker images ({@code Docker…}) and, without
 * ssh, for Windows ({@code Windows…}).
 *
 * <p>Source: buildpackapplifecycle @daa5067, dockerapplifecycle @3f770aa,
 * windows_app_lifecycle @099e5e1 healthcheck and diego-ssh of August 2015; {@code bin/supply} and
 * {@code bin/finalize} as in later versions of the first.
 */
@NullMarked
package dev.ccbridge.lifecycle;

import org.jspecify.annotations.NullMarked;
