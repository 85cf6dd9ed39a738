#!/bin/bash
# Usage: retry ATTEMPTS PAUSE_SECONDS COMMAND [ARGUMENT...]
#
# Runs the command until it succeeds and prints what the successful run printed. Fails after the last attempt.

set -euo pipefail

attempts=$1
pause_seconds=$2
shift 2

for ((attempt = 1; attempt <= attempts; attempt++)); do
    if output=$("$@"); then
        [[ -z $output ]] || printf '%s\n' "$output"
        exit 0
    fi
    printf 'attempt %d of %d failed: %s\n' "$attempt" "$attempts" "$*" >&2
    ((attempt == attempts)) || sleep "$pause_seconds"
done
exit 1
