#!/bin/sh
# In place of the entrypoint of ClickHouse's image (ClickHouse, docker/server/entrypoint.sh), with Debian's 18.16: makes
# the user that the environment names, and starts the server with the image's own change that it listens to everybody.
set -eu

escaped() { printf %s "$1" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g'; }

mkdir -p /etc/clickhouse-server/users.d /etc/clickhouse-server/config.d
cat >/etc/clickhouse-server/users.d/default-user.xml <<XML
<yandex>
    <users>
        <default remove="remove"/>
        <$CLICKHOUSE_USER>
            <profile>default</profile>
            <networks><ip>::/0</ip></networks>
            <password>$(escaped "$CLICKHOUSE_PASSWORD")</password>
            <quota>default</quota>
        </$CLICKHOUSE_USER>
    </users>
</yandex>
XML
cat >/etc/clickhouse-server/config.d/docker_related_config.xml <<XML
<yandex>
    <listen_host>0.0.0.0</listen_host>
    <logger><level>warning</level><console>1</console></logger>
    <mark_cache_size>10000000</mark_cache_size>
</yandex>
XML
exec clickhouse-server --config-file=/etc/clickhouse-server/config.xml "$@"
