#!/bin/sh
# Builds the programs that the tests of the edge run, from their public Go modules into .engine/bin, and keeps them:
# Caddy of the version that images/caddy/Dockerfile names, and Pebble, a certificate authority for tests. Without Go the
# tests that need them are skipped with their reason; in CI nothing is skipped, so there this fails.
set -eu
cd "$(dirname "$0")"
bin=$PWD/../../.engine/bin

# build MODULE LINKER_FLAG… : every tool that MODULE's go.mod names, unless its go.sum is the one they were built from.
build() {
    module=$1
    shift
    ! cmp -s "$module/go.sum" "$bin/$module-built-from" || return 0
    if ! command -v go >/dev/null; then
        echo "No Go on this machine to build $module: the tests that need it are skipped." >&2
        [ "${CI:-}" != true ] || exit 1
        return 0
    fi
    echo "Building $module into .engine/bin; the first time takes a minute or two …" >&2
    mkdir -p "$bin"
    rm -f "$bin/$module-built-from"
    # As the official releases are built: without C. Without symbols the files are a third smaller.
    (cd "$module" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w $*" -o "$bin/" tool)
    cp "$module/go.sum" "$bin/$module-built-from"
}

# A release says its version.
version=$(sed -n 's|.*github.com/caddyserver/caddy/v2 \(v[0-9.]*\).*|\1|p' caddy/go.mod)
build caddy -X "github.com/caddyserver/caddy/v2.CustomVersion=$version"
build pebble
