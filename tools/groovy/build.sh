#!/bin/sh
# Fetches the Groovy that Jenkins runs pipelines in, one file, into .engine/groovy, and keeps it. Without Java and Maven
# the tests that need it are skipped with their reason; in CI nothing is skipped, so there this fails.
set -eu
cd "$(dirname "$0")"
kept=../../.engine/groovy

# The sum names every byte of it.
! cmp -s groovy-all.sha256 "$kept/fetched-from" || exit 0
if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
    echo "No Java or no Maven on this machine to have Groovy: the tests that need it are skipped." >&2
    [ "${CI:-}" != true ]
    exit
fi
version=$(sed -n 's/.*groovy-all-\(.*\)\.jar/\1/p' groovy-all.sha256)
echo "Fetching Groovy $version into .engine/groovy …" >&2
mkdir -p "$kept"
rm -f "$kept/fetched-from"
# From where Maven's settings say.
mvn --batch-mode --quiet -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="org.codehaus.groovy:groovy-all:$version" -DoutputDirectory="$PWD/$kept" >&2
(cd "$kept" && sha256sum --check --quiet "$OLDPWD/groovy-all.sha256")
cp groovy-all.sha256 "$kept/fetched-from"
