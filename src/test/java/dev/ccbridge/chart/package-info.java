/** The Helm chart, the kustomizations beside it, and the image, up to a real cluster. */
package dev.ccbridge.chart;
