/** Measurements, run by hand and never as a test: {@code mvn -Pbench verify}. */
package dev.ccbridge.bench;
