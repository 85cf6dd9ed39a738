#!/bin/bash
# Usage: host-packages PACKAGE...
#
# Installs what is missing. Needs no network when nothing is, so that a reboot does not depend on the repositories.

set -euo pipefail

if ! rpm --query --quiet "$@"; then
    retry 30 10 dnf --assumeyes --quiet install "$@"
fi
