#!/bin/bash
# Usage: service-credentials NAMES NAME DIRECTORY
#
# Fetches the secrets of one service and puts them into DIRECTORY/NAME as lines KEY=value, as a whole or not at all.
# NAMES is a JSON file: by a service's name its secrets, and by the secret's name the keys that the service gets.
# DIRECTORY is root's alone and lies in memory; the service itself reads a copy that systemd makes (LoadCredential=).

set -euo pipefail
umask 077

names=$1
name=$2
directory=$3

# Not below a path that the caller of the unit could choose.
jq --exit-status --arg name "$name" 'has($name)' "$names" >/dev/null || {
    echo "$name is none of the services with secrets" >&2
    exit 1
}

mkdir --parents "$directory"
staged=$(mktemp --tmpdir="$directory" .staged.XXXXXX)
trap 'rm --force "$staged"' EXIT

while read -r secret; do
    # Never an argument, never a variable: what is fetched passes through pipes alone.
    retry 5 3 aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text |
        jq --raw-output --arg name "$name" --arg secret "$secret" --slurpfile all "$names" '
            if type != "object" then error("\($secret) is no JSON object") else . end
            | . as $values | $all[0][$name][$secret][]
            | $values[.] as $value
            | if ($value | type) != "string" then error("\($secret) has no text under \(.)")
              elif $value | test("[\n\r]") then error("\($secret): \(.) has a line break")
              else "\(.)=\($value)" end' >>"$staged"
done < <(jq --raw-output --arg name "$name" '.[$name] | keys[]' "$names")

mv --no-target-directory "$staged" "$directory/$name"
