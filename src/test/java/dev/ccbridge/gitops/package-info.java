/** How the two resources look to tools that know Kubernetes but not cc-bridge. */
@NullMarked
package dev.ccbridge.gitops;

import org.jspecify.annotations.NullMarked;
