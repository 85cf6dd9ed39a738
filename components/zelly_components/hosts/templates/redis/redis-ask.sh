#!/bin/bash
# Usage: redis-ask COMMAND [ARGUMENT...]
#
# Asks this host's server over its socket, as the user of the host itself, and fails on an error.

set -euo pipefail

password=$(</etc/redis-host/current/host-password)
# The one variable is Redis's, the other Valkey's own; neither shows in the list of processes.
export REDISCLI_AUTH=$password VALKEYCLI_AUTH=$password
exec valkey-cli -e --no-auth-warning -s /run/redis-host/redis.sock --user host "$@"
