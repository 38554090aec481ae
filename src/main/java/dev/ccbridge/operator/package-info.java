/**
 * The program: command line, settings, wiring of all rooms, and the quickstart. The only room that
 * reads the environment and that sees concrete backends, servers and clients.
 */
@NullMarked
package dev.ccbridge.operator;

import org.jspecify.annotations.NullMarked;
