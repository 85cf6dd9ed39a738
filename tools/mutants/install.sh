#!/bin/sh
# Makes sure that there is a mutmut of the version that requirements.in pins, in an environment that sees the project's.
set -eu
cd "$(dirname "$0")"
made=../../.engine/mutants

# requirements.txt names every byte that goes into it.
! cmp -s requirements.txt "$made/installed-from" || exit 0
echo 'Installing mutmut into .engine/mutants …' >&2
rm -rf "$made"
"${PYTHON:-python3}" -m venv "$made"
"$made/bin/python" -m pip install --quiet --no-compile --require-hashes -r requirements.txt
packages=$(cd ../../.venv/lib/python3*/site-packages && pwd)
echo "$packages" > "$(echo "$made"/lib/python3*/site-packages)/project.pth"
cp requirements.txt "$made/installed-from"
