/** The Cloud Controller over HTTP. Answers to stager cc_client @1847376. */
@NullMarked
package dev.ccbridge.cloudcontroller.client;

import org.jspecify.annotations.NullMarked;
