#!/bin/sh
# Has the scripts that pages need in a browser in .engine/browser_scripts, of the versions pinned here, unless they are
# there: Mermaid, which draws charts, and the stand-in for workers that a site's search needs without a server. Without
# npm the tests that need them are skipped with their reason; in CI nothing is skipped, so there this fails.
set -eu
cd "$(dirname "$0")"
folder=../../.engine/browser_scripts

# The package alone: its script for browsers has everything in it, and its dependencies are for others.
fetch() { # NAME VERSION FILE SHA512
    script=$folder/$1-$2.js
    [ ! -e "$script" ] || return 0
    if ! command -v npm >/dev/null; then
        echo "No npm on this machine to fetch $1: the tests that need it are skipped." >&2
        [ "${CI:-}" != true ]
        return
    fi
    echo "Fetching $1 $2 …" >&2
    mkdir -p "$folder"
    package=$(npm pack "$1@$2" --silent --pack-destination "$folder")
    echo "$4  $folder/$package" | sha512sum --check --quiet
    tar -xzf "$folder/$package" -O "package/$3" >"$script.new"
    mv "$script.new" "$script"
    rm "$folder/$package"
}

fetch mermaid 11.17.2 dist/mermaid.min.js \
    57a2b70bc101744b0f1595d228c25eea9a50384371b87011afd1af1d7e21878ee501b84c443f6a7f8a042bb2e869143150b31af34feab798073bbdda0a578106
fetch iframe-worker 1.0.4 shim/index.js \
    ae879a688f8b8352c935f8290a3a117bff96cc48f2f7e674f0ba04beef393023db063c26faa5f3f00839534e651dae95d42cac6721b313448e900b52500e6aed
