#!/bin/sh
# In place of the entrypoint of ClickHouse's image (ClickHouse, docker/server/entrypoint.sh), with Debian's 18.16: makes
# the user that the environment names, and starts the server, which listens to everybody as the image's does.
#
# 18.16 wants its maker's older name around each file of its configuration.
set -eu

configuration=/tmp/clickhouse-server
cp -R /etc/clickhouse-server "$configuration"
mkdir -p "$configuration/users.d" "$configuration/config.d"

cat >"$configuration/users.d/default-user.xml" <<XML
<clickhouse>
    <users>
        <default remove="remove"/>
        <$CLICKHOUSE_USER>
            <profile>default</profile>
            <networks><ip>::/0</ip></networks>
            <password from_env="CLICKHOUSE_PASSWORD"/>
            <quota>default</quota>
        </$CLICKHOUSE_USER>
    </users>
</clickhouse>
XML
cat >"$configuration/config.d/docker_related_config.xml" <<XML
<clickhouse>
    <listen_host>0.0.0.0</listen_host>
</clickhouse>
XML
sed -i -e 's/<clickhouse>/<yandex>/' -e 's,</clickhouse>,</yandex>,' "$configuration"/*.d/*.xml
exec clickhouse-server --config-file="$configuration/config.xml" "$@"
