//go:build tools

// Pins the Consul that build builds.
package tools

import _ "github.com/hashicorp/consul"
