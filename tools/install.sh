#!/bin/sh
# Makes sure that there is a Python tool as the requirements in its folder here pin it, in an environment of its own, and
# keeps it: `install.sh checkov`, `install.sh ministack`, `install.sh mutants`.
set -eu
cd "$(dirname "$0")/$1"
made=../../.engine/$1

# requirements.txt names every byte that goes into it.
! cmp -s requirements.txt "$made/installed-from" || exit 0
echo "Installing $1 into .engine/$1 (a minute or so) …" >&2
rm -rf "$made"
"${PYTHON:-python3}" -m venv "$made"
# As the Makefile installs the project's own.
uv=../../.venv/bin/uv
{ [ -x "$uv" ] && "$uv" pip install --quiet --require-hashes --python "$made/bin/python" -r requirements.txt; } ||
    "$made/bin/python" -m pip install --quiet --no-compile --require-hashes -r requirements.txt
# Some packages ship modules for Python 2 as well, which do not compile.
"$made/bin/python" -m compileall -qq -j 0 "$made/lib" || true
cp requirements.txt "$made/installed-from"
