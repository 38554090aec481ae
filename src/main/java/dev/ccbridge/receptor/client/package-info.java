/**
 * A Receptor elsewhere, over HTTP and its event stream. Speaks as the original's Go client does, so
 * that any Receptor of API v1 answers it. Answers to receptor/client.go and event_source.go.
 */
@NullMarked
package dev.ccbridge.receptor.client;

import org.jspecify.annotations.NullMarked;
