/** What tests need of Kubernetes itself: a real API server. */
package dev.ccbridge.kubernetes;
