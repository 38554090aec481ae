/**
 * HTTP serving on the JDK's own server: {@link dev.ccbridge.web.Router} finds the {@link
 * dev.ccbridge.web.Handler} of a request, {@link dev.ccbridge.web.HttpService} listens. Knows no
 * word of Cloud Foundry or Kubernetes. Routing answers as the originals' router did (library rata
 * over pat).
 */
@NullMarked
package dev.ccbridge.web;

import org.jspecify.annotations.NullMarked;
