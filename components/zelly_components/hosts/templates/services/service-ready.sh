#!/bin/bash
# Usage: service-ready PORT PATH
#
# Waits until the service that systemd has just started ($MAINPID) answers with 2xx. How long is systemd's to say
# (TimeoutStartSec=). A service that has ended meanwhile will never answer, though its socket still takes the question.

set -euo pipefail

url=http://127.0.0.1:$1$2

# Nothing ever comes of it: reading it is a pause without a process of its own, of which nineteen services would need
# many at the same time.
exec {nothing}<> <(:)
pause() {
    read -rt 0.1 -u "$nothing" || true
}

while true; do
    curl --fail --silent --max-time 2 --output /dev/null "$url" &
    asking=$!
    while kill -0 "$asking" 2>/dev/null; do
        kill -0 "$MAINPID" 2>/dev/null || {
            kill "$asking" 2>/dev/null || true
            echo "ended before $url answered" >&2
            exit 1
        }
        pause
    done
    ! wait "$asking" || exit 0
    pause
done
