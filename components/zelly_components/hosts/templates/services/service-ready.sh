#!/bin/bash
# Usage: service-ready PORT PATH
#
# Waits until the service that systemd has just started ($MAINPID) answers with 2xx. How long is systemd's to say
# (TimeoutStartSec=); a service that has ended meanwhile will never answer.

set -euo pipefail

url=http://127.0.0.1:$1$2

until curl --fail --silent --max-time 2 --output /dev/null "$url"; do
    kill -0 "$MAINPID" 2>/dev/null || {
        echo "ended before $url answered" >&2
        exit 1
    }
    # A pause without a process of its own: nineteen services start at the same time.
    read -rt 0.2 <> <(:) || true
done
