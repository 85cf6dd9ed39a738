#!/bin/bash
# Usage: clickhouse-configure DIRECTORY
#
# Fetches ClickHouse's configuration ($CONFIG_PARAMETER) and credentials ($CREDENTIALS_SECRET) and puts them into
# DIRECTORY/current as a whole or not at all. Restarts the server when something changed, and fails unless it answers.

set -euo pipefail
umask 022

directory=$1
current=$directory/current
# What the running server was started with, until it is started anew.
previous=$directory/previous

# ClickHouse's user in the official image.
owner=101

mkdir --parents "$directory"
rm --recursive --force "$directory"/staged.*
staged=$(mktemp --directory --tmpdir="$directory" staged.XXXXXX)
trap 'rm --recursive --force "$staged"' EXIT
chmod 0755 "$staged"

stage_configuration() {
    local files name
    files=$(retry 30 10 aws ssm get-parameter --name "$CONFIG_PARAMETER" --query Parameter.Value --output text)
    # "input" fails on an empty answer, which --exit-status alone lets pass.
    jq --null-input --exit-status '
        input | type == "object" and has("container.env") and (to_entries | all(
            (.key | test("^((config|users)[.]d/[a-z0-9-]+[.]xml|container[.]env)$")) and (.value | type == "string")
        ))' <<<"$files" >/dev/null || {
        echo "$CONFIG_PARAMETER is not a JSON object of configuration files" >&2
        return 1
    }
    mkdir "$staged/config.d" "$staged/users.d"
    for name in $(jq --raw-output 'keys[]' <<<"$files"); do
        jq --join-output --arg name "$name" '.[$name]' <<<"$files" >"$staged/$name"
    done
}

stage_credentials() {
    local credentials user password hash
    credentials=$(retry 30 10 aws secretsmanager get-secret-value --secret-id "$CREDENTIALS_SECRET" \
        --query SecretString --output text)
    user=$(jq --raw-output --exit-status .CLICKHOUSE_USER <<<"$credentials")
    password=$(jq --raw-output --exit-status .CLICKHOUSE_PASSWORD <<<"$credentials")
    if [[ ! $user =~ ^[a-z_][a-z0-9_]*$ || -z $password ]]; then
        echo "$CREDENTIALS_SECRET holds no usable user and password" >&2
        return 1
    fi
    hash=$(printf '%s' "$password" | sha256sum)
    (
        umask 077
        cat >"$staged/users.d/credentials.xml" <<XML
<clickhouse>
    <!-- In place of every user that the image brings. -->
    <users replace="1">
        <$user>
            <password_sha256_hex>${hash%% *}</password_sha256_hex>
            <networks><ip>::/0</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
        </$user>
    </users>
</clickhouse>
XML
    )
    chown "$owner" "$staged/users.d/credentials.xml"
}

stage_configuration
stage_credentials

# Pulled before the restart, so that a new image costs seconds of downtime and not minutes.
image=$(sed --quiet 's/^CLICKHOUSE_IMAGE=//p' "$staged/container.env")
docker image inspect "$image" >/dev/null 2>&1 || retry 10 30 docker pull --quiet "$image"

if ! diff --recursive --brief "$current" "$staged" >/dev/null 2>&1; then
    # The server reads its directory again whenever that changes. Deleted under it, the directory would leave it with
    # the image's own configuration, which has a user without a password; so it is moved aside, and deleted later.
    if [[ -e $previous ]]; then
        rm --recursive --force "$current"
    elif [[ -e $current ]]; then
        mv --no-target-directory "$current" "$previous"
    fi
    mv --no-target-directory "$staged" "$current"
    echo "configuration changed"
fi

# previous is still there if an earlier run was cut off before its restart.
if [[ -e $previous ]] || ! systemctl is-active --quiet clickhouse.service; then
    systemctl restart clickhouse.service
    rm --recursive --force "$previous"
fi
systemctl enable --quiet clickhouse.service

retry 60 5 curl --fail --silent --max-time 5 --output /dev/null http://127.0.0.1:8123/ping
