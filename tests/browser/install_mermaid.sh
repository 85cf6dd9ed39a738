#!/bin/sh
# Has Mermaid as one script for the browser, of the version pinned here, unless it is there. Without npm the test that
# needs it is skipped with its reason; in CI nothing is skipped, so there this fails.
set -eu
cd "$(dirname "$0")"

version=11.17.2
sha512=57a2b70bc101744b0f1595d228c25eea9a50384371b87011afd1af1d7e21878ee501b84c443f6a7f8a042bb2e869143150b31af34feab798073bbdda0a578106
script=node_modules/mermaid-$version.min.js

[ ! -e "$script" ] || exit 0
if ! command -v npm >/dev/null; then
    echo "No npm on this machine to fetch Mermaid: the test that needs it is skipped." >&2
    [ "${CI:-}" != true ]
    exit
fi

echo "Fetching Mermaid $version …" >&2
mkdir -p node_modules
# The package alone: its script for browsers has everything in it, and its hundred dependencies are for others.
package=$(npm pack "mermaid@$version" --silent --pack-destination node_modules)
echo "$sha512  node_modules/$package" | sha512sum --check --quiet
tar -xzf "node_modules/$package" -O package/dist/mermaid.min.js >"$script.new"
mv "$script.new" "$script"
rm "node_modules/$package"
