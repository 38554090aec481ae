/**
 * A small, strict Kubernetes API in the JVM, for trying cc-bridge without a cluster; never for
 * production. It serves the resources of the CRDs given to it, and the few built-in ones that an
 * operator and kubectl need. What it offers it does as kube-apiserver 1.36 does; all else it
 * refuses with a Status. Entry point: {@link dev.ccbridge.devserver.DevServer}.
 */
@NullMarked
package dev.ccbridge.devserver;

import org.jspecify.annotations.NullMarked;
