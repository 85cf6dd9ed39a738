#!/bin/sh
# In place of ClickHouse's client, which since 23 takes user and password from variables by itself.
set -eu

configuration=$(mktemp)
trap 'rm -f "$configuration"' EXIT
cat >"$configuration" <<XML
<config><user>$CLICKHOUSE_USER</user><password>$CLICKHOUSE_PASSWORD</password></config>
XML
/usr/bin/clickhouse-client --config-file="$configuration" "$@"
