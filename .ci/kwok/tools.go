//go:build tools

// Pins the kwok command that build builds.
package tools

import _ "sigs.k8s.io/kwok/cmd/kwok"
