/**
 * The custom resources {@link dev.ccbridge.api.StagingRequest} and {@link
 * dev.ccbridge.api.DesiredLRP}, group {@code ccbridge.dev}, version {@code v1alpha1}. The CRDs in
 * {@code crds/} are generated from these types; the descriptions below are what {@code kubectl
 * explain} shows. Answers to runtimeschema/cc_messages (staging_messages.go, desired_messages.go).
 */
@NullMarked
package dev.ccbridge.api;

import org.jspecify.annotations.NullMarked;
