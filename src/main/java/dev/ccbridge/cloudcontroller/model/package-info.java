/**
 * Messages to and from the Cloud Controller, member by member as the originals had them. Answers to
 * runtimeschema cc_messages @7565d97.
 */
@NullMarked
package dev.ccbridge.cloudcontroller.model;

import org.jspecify.annotations.NullMarked;
