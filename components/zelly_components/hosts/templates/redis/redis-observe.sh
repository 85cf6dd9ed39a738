#!/bin/bash
# Usage: redis-observe NAMESPACE HOST
#
# Publishes what tells that the server is well: how full its memory is, whether it can still write to its volume, and
# how many connections it has turned away since the last run. A server that does not answer publishes nothing.

set -euo pipefail

namespace=$1
host=$2

last=/run/redis-observed
info=$(retry 3 5 redis-ask info | tr --delete '\r')

field() {
    sed --quiet "s/^$1://p" <<<"$info"
}

rejected=$(field rejected_connections)
before=$(cat "$last" 2>/dev/null || echo 0)
# The server counts from its start.
turned_away=$((rejected >= before ? rejected - before : rejected))

failing=0
for status in rdb_last_bgsave_status aof_last_write_status aof_last_bgrewrite_status; do
    [[ $(field "$status") == ok ]] || failing=1
done

aws cloudwatch put-metric-data --namespace "$namespace" --metric-data "$(
    jq --null-input --compact-output --arg host "$host" \
        --argjson used "$(field used_memory)" --argjson most "$(field maxmemory)" \
        --argjson failing "$failing" --argjson rejected "$turned_away" '
        def metric(name; unit; value): {
            MetricName: name, Unit: unit, Value: value, Dimensions: [{Name: "Host", Value: $host}]
        };
        [
            metric("MemoryPercent"; "Percent"; $used * 1000 / $most | round / 10),
            metric("PersistenceFailing"; "Count"; $failing),
            metric("RejectedConnections"; "Count"; $rejected)
        ]'
)"
echo "$rejected" >"$last"
