module ccbridge.dev/ci/nodetool

go 1.26.0
