#!/bin/sh
# Builds what the tests of the components in other languages need, with Go into .engine/bin, and keeps it: Pulumi's host
# of YAML programs, and the writer of SDKs in sdk/. Without Go those tests are skipped with their reason; in CI nothing is
# skipped, so there this fails.
set -eu
cd "$(dirname "$0")"
bin=../../.engine/bin

# go.sum names every byte that goes into a build, beside what lies here.
built_from() { cat yaml/go.sum sdk/go.sum sdk/main.go; }

! built_from | cmp -s - "$bin/languages-built-from" || exit 0
if ! command -v go >/dev/null; then
    echo "No Go on this machine to build the host of YAML programs: the tests that need it are skipped." >&2
    [ "${CI:-}" != true ]
    exit
fi
echo "Building pulumi-language-yaml and sdk-codegen into .engine/bin; the first time takes a minute …" >&2
mkdir -p "$bin"
rm -f "$bin/languages-built-from"
absolute=$(cd "$bin" && pwd)
(cd yaml && go build -ldflags "-s -w" -o "$absolute/pulumi-language-yaml" \
    github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml)
(cd sdk && go build -ldflags "-s -w" -o "$absolute/sdk-codegen" .)
built_from >"$bin/languages-built-from"
