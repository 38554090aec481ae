/**
 * The Receptor's wire, API v1: tasks, desired and actual LRPs, actions, events and error names,
 * their JSON and their validation. Answers to receptor/resources.go and bbs/models. Times are
 * nanoseconds since the epoch unless a name says otherwise.
 */
@NullMarked
package dev.ccbridge.receptor.model;

import org.jspecify.annotations.NullMarked;
