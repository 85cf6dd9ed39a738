#!/bin/bash
# Usage: nginx-apply SITE SECRET DIRECTORY PORT
#
# Fetches the origin's certificate, its key and the certificate that vouches for clients, puts them beside a copy of the
# site and lets nginx take that up: only after "nginx -t", and only if the configuration that answers on PORT afterwards
# is the new one. Otherwise the old one goes on. DIRECTORY is root's alone and lies in memory.

set -euo pipefail
umask 077

site=$1
secret=$2
directory=$3
port=$4
current=$directory/current

mkdir --parents "$directory"
rm --recursive --force "$directory"/staged.*
staged=$(mktemp --directory --tmpdir="$directory" staged.XXXXXX)
trap 'rm --recursive --force "$staged"' EXIT

is_running() {
    [[ $(curl --silent --max-time 5 "http://127.0.0.1:$port/configuration") == "$1" ]]
}

point_to() {
    ln --symbolic --force --no-dereference "$1" "$directory/staged.link"
    mv --no-target-directory "$directory/staged.link" "$current"
}

cp "$site" "$staged/nginx.conf"
retry 10 5 aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text \
    >"$staged/secret.json"
for key in ORIGIN_CERTIFICATE ORIGIN_PRIVATE_KEY CLIENT_CA_CERTIFICATE; do
    # "input" fails on an empty answer, which --exit-status alone lets pass.
    jq --null-input --exit-status --raw-output --arg key "$key" \
        'input | .[$key] | select(type == "string" and . != "")' "$staged/secret.json" >"$staged/$key.pem" || {
        echo "$secret has no text under $key" >&2
        exit 1
    }
done
rm "$staged/secret.json"

id=$(cat "$staged"/nginx.conf "$staged"/*.pem | sha256sum | cut --characters=1-16)
printf 'return 200 %s;\n' "$id" >"$staged/configuration-id.conf"
! is_running "$id" || exit 0

nginx -t -q -c "$staged/nginx.conf" || {
    echo "nginx refuses the new site or its certificates; the old ones go on" >&2
    exit 1
}
[[ -e $directory/$id ]] || mv --no-target-directory "$staged" "$directory/$id"
previous=$(readlink "$current" || true)
point_to "$id"

if systemctl is-active --quiet nginx.service; then
    systemctl reload nginx.service
else
    ! systemctl is-failed --quiet nginx.service || systemctl reset-failed nginx.service
    systemctl start nginx.service
fi
# A reload whose configuration could not be taken up (a port that is taken) fails without a word.
deadline=$((SECONDS + 5))
until is_running "$id"; do
    if ((SECONDS >= deadline)); then
        [[ -z $previous ]] || point_to "$previous"
        echo "nginx runs, but not with configuration $id: the old one goes on" >&2
        exit 1
    fi
    sleep 0.5
done
find "$directory" -mindepth 1 -maxdepth 1 -type d ! -name "$id" -exec rm --recursive --force {} +
echo "nginx runs with configuration $id"
