#!/bin/sh
# Makes sure that there is a Prowler of the version that requirements.in pins, in an environment of its own, and keeps it.
set -eu
cd "$(dirname "$0")"
made=../../.engine/prowler

# requirements.txt names every byte that goes into it.
! cmp -s requirements.txt "$made/installed-from" || exit 0
echo 'Installing Prowler into .engine/prowler (a minute or two) …' >&2
rm -rf "$made"
"${PYTHON:-python3}" -m venv "$made"
"$made/bin/python" -m pip install --quiet --no-compile --require-hashes -r requirements.txt
# Some of its packages ship modules for Python 2 as well, which do not compile.
"$made/bin/python" -m compileall -qq -j 0 "$made/lib" || true
cp requirements.txt "$made/installed-from"
