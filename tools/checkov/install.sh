#!/bin/sh
# Makes sure that there is a checkov of the version that requirements.in pins, in an environment of its own, and keeps it.
set -eu
cd "$(dirname "$0")"
made=../../.engine/checkov

# requirements.txt names every byte that goes into it.
! cmp -s requirements.txt "$made/installed-from" || exit 0
echo 'Installing checkov into .engine/checkov (half a minute or so) …' >&2
rm -rf "$made"
"${PYTHON:-python3}" -m venv "$made"
"$made/bin/python" -m pip install --quiet --no-compile --require-hashes -r requirements.txt
"$made/bin/python" -m compileall -q -j 0 "$made/lib"
cp requirements.txt "$made/installed-from"
