/**
 * A page for people that shows StagingRequests with their steps and DesiredLRPs with their
 * instances, live. {@link dev.ccbridge.page.PageRoutes} serves it; it only reads, keeps nothing,
 * and asks the Kubernetes API only while somebody looks. It shows what is in the resources' status,
 * so no secrets.
 */
@NullMarked
package dev.ccbridge.page;

import org.jspecify.annotations.NullMarked;
