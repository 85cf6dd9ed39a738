#!/bin/sh
# Makes sure that there is a cosmic-ray of the version that requirements.in pins, in an environment of its own.
set -eu
cd "$(dirname "$0")"
made=../../.engine/mutants

# requirements.txt names every byte that goes into it.
! cmp -s requirements.txt "$made/installed-from" || exit 0
echo 'Installing cosmic-ray into .engine/mutants …' >&2
rm -rf "$made"
"${PYTHON:-python3}" -m venv "$made"
"$made/bin/python" -m pip install --quiet --no-compile --require-hashes -r requirements.txt
cp requirements.txt "$made/installed-from"
