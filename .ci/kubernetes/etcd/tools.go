//go:build tools

// Pins the etcd server that build builds.
package tools

import _ "go.etcd.io/etcd/server/v3"
