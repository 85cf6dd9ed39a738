#!/bin/sh
# Builds the pinned actionlint from its public Go module into .engine/bin, and keeps it. Without Go the test that needs
# it is skipped with its reason; in CI nothing is skipped, so there this fails.
set -eu
cd "$(dirname "$0")"
bin=../../.engine/bin

# go.sum names every byte that goes into the build.
! cmp -s go.sum "$bin/actionlint-built-from" || exit 0
if ! command -v go >/dev/null; then
    echo "No Go on this machine to build actionlint: the test that needs it is skipped." >&2
    [ "${CI:-}" != true ]
    exit
fi
echo "Building actionlint into .engine/bin …" >&2
mkdir -p "$bin"
rm -f "$bin/actionlint-built-from"
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$bin/" tool
cp go.sum "$bin/actionlint-built-from"
