#!/bin/bash
# Usage: redis-configure DIRECTORY
#
# Fetches the server's configuration ($CONFIG_PARAMETER) and what it needs to be reached ($SERVER_SECRET: certificate,
# key, and the password's hash) and puts them into DIRECTORY/current as a whole or not at all. Lets the running server
# read its users anew when they alone have changed, restarts it when something else has, and fails unless it answers.

set -euo pipefail
umask 027

directory=$1
current=$directory/current
# What the running server was started with, until it has the new.
previous=$directory/previous

# The package's own.
owner=valkey

mkdir --parents "$directory"
chmod 0755 "$directory"
rm --recursive --force "$directory"/staged.*
staged=$(mktemp --directory --tmpdir="$directory" staged.XXXXXX)
trap 'rm --recursive --force "$staged"' EXIT
chmod 0750 "$staged"

stage_configuration() {
    local files
    files=$(retry 30 10 aws ssm get-parameter --name "$CONFIG_PARAMETER" --query Parameter.Value --output text)
    # "input" fails on an empty answer, which --exit-status alone lets pass.
    jq --null-input --exit-status 'input | keys == ["redis.conf"] and (.["redis.conf"] | type == "string")' \
        <<<"$files" >/dev/null || {
        echo "$CONFIG_PARAMETER is not a JSON object with redis.conf" >&2
        return 1
    }
    jq --join-output '.["redis.conf"]' <<<"$files" >"$staged/redis.conf"
}

# A password of this host alone, for who looks after the server on it; it never leaves.
host_password() {
    cat "$current/host-password" 2>/dev/null || cat "$previous/host-password" 2>/dev/null ||
        head --bytes=32 /dev/urandom | sha256sum | cut --delimiter=' ' --fields=1
}

hash_of() {
    local hash
    hash=$(sha256sum)
    printf '%s' "${hash%% *}"
}

stage_secrets() {
    local secret password_hash
    secret=$(retry 30 10 aws secretsmanager get-secret-value --secret-id "$SERVER_SECRET" --query SecretString \
        --output text)
    password_hash=$(jq --raw-output --exit-status .REDIS_PASSWORD_SHA256 <<<"$secret")
    if [[ ! $password_hash =~ ^[0-9a-f]{64}$ ]]; then
        echo "$SERVER_SECRET holds no hash of a password" >&2
        return 1
    fi
    jq --raw-output --exit-status .TLS_CERTIFICATE <<<"$secret" >"$staged/certificate.pem"
    jq --raw-output --exit-status .TLS_PRIVATE_KEY <<<"$secret" >"$staged/private-key.pem"
    (umask 077 && host_password >"$staged/host-password")
    # Queues share it with caches: nobody empties it by a command that names no key, and nobody administers it.
    cat >"$staged/users.acl" <<ACL
user default on sanitize-payload #$password_hash ~* &* +@all -@admin -flushall -flushdb -swapdb +client|list
user host on #$(tr --delete '\n' <"$staged/host-password" | hash_of) resetkeys resetchannels -@all +ping +info +acl|load
ACL
}

# It answers otherwise while it still reads its data.
answers() {
    [[ $(redis-ask ping) == PONG ]]
}

stage_configuration
stage_secrets
chgrp --recursive "$owner" "$staged"
chmod 0600 "$staged/host-password"

if ! diff --recursive --brief "$current" "$staged" >/dev/null 2>&1; then
    if [[ -e $previous ]]; then
        rm --recursive --force "$current"
    elif [[ -e $current ]]; then
        mv --no-target-directory "$current" "$previous"
    fi
    mv --no-target-directory "$staged" "$current"
    echo "configuration changed"
fi

# previous is still there if an earlier run was cut off before the server had the new.
if ! systemctl is-active --quiet redis.service; then
    systemctl restart redis.service
elif [[ -e $previous ]]; then
    if diff --recursive --brief --exclude=users.acl "$current" "$previous" >/dev/null; then
        # Who is connected stays, and so does what is in memory.
        retry 60 5 redis-ask acl load >/dev/null
    else
        systemctl restart redis.service
    fi
fi
rm --recursive --force "$previous"
systemctl enable --quiet redis.service

export -f answers
retry 60 5 bash -c answers
