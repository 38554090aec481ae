/**
 * A Cloud Controller in memory, for trying the bridge without a Cloud Foundry and for tests: apps
 * are pushed by plain HTTP ({@code /v2/apps}), and everything that the bridge asks of CC is there.
 * {@link dev.ccbridge.cloudcontroller.fake.MemoryCloudController} is the door. Nobody logs in; it
 * is meant for loopback. Answers to cloud_controller_ng @3c047cc, as far as the bridge can see.
 */
@NullMarked
package dev.ccbridge.cloudcontroller.fake;

import org.jspecify.annotations.NullMarked;
