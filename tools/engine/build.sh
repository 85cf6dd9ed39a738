#!/bin/sh
# Makes sure that there is a Pulumi CLI of the version that go.mod pins: the one on PATH, or one that is built from its
# public Go module into .engine/bin and kept. Without Go the tests that need it are skipped with their reason; in CI
# nothing is skipped, so there this fails.
set -eu
cd "$(dirname "$0")"
bin=../../.engine/bin
version=$(sed -n 's|^require github.com/pulumi/pulumi/pkg/v3 v||p' go.mod)

[ "$(pulumi version 2>/dev/null || true)" != "v$version" ] || exit 0
# go.sum names every byte that goes into the build.
! cmp -s go.sum "$bin/built-from" || exit 0
if ! command -v go >/dev/null; then
    echo "No Pulumi $version on PATH, and no Go on this machine to build one: the engine's tests are skipped." >&2
    [ "${CI:-}" != true ]
    exit
fi

echo "Building Pulumi $version into .engine/bin; the first time takes some minutes …" >&2
mkdir -p "$bin"
rm -f "$bin/built-from"
go mod download github.com/pulumi/pulumi/sdk/v3
sdk=$(go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)
# A release says its version, by which it is recognised; without symbols the file is a third smaller.
go build -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$version" -o "$bin/pulumi" \
    github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
# What the CLI's installation puts beside it: the script that starts a Python program.
install -m 755 "$sdk/python/cmd/pulumi-language-python-exec" "$bin/"
cp go.sum "$bin/built-from"
