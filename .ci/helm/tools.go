//go:build tools

// Pins the helm command that build builds.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
