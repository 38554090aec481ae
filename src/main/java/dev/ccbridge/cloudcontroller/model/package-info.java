/**
 * Messages to and from Cloud Controller, member by member as it sends and reads them. Answers to
 * runtimeschema/cc_messages.
 */
@NullMarked
package dev.ccbridge.cloudcontroller.model;

import org.jspecify.annotations.NullMarked;
