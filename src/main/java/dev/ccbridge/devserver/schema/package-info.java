/**
 * What a Kubernetes API does to the content of an object, as pure functions over JSON trees:
 * structural schemas with their defaults, pruning and validation, CEL rules, patches, and field
 * ownership for server-side apply. Answers and texts are those of kube-apiserver 1.36.
 */
@NullMarked
package dev.ccbridge.devserver.schema;

import org.jspecify.annotations.NullMarked;
