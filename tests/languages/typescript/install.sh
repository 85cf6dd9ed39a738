#!/bin/sh
# Installs Pulumi's SDK for TypeScript, and its compiler, as package-lock.json pins them, unless they are there. Without npm
# the tests that need them are skipped with their reason; in CI nothing is skipped, so there this fails.
set -eu
cd "$(dirname "$0")"

! cmp -s package-lock.json node_modules/installed-from || exit 0
if ! command -v npm >/dev/null; then
    echo "No npm on this machine to install Pulumi's SDK for TypeScript: the tests that need it are skipped." >&2
    [ "${CI:-}" != true ]
    exit
fi

echo "Installing Pulumi's SDK for TypeScript …" >&2
npm ci --ignore-scripts --no-audit --no-fund --silent
cp package-lock.json node_modules/installed-from
