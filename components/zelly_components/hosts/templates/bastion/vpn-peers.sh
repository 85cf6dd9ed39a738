#!/bin/bash
# Usage: vpn-peers INTERFACE_FILE KEY_FILE CONFIG_FILE
#
# Builds the WireGuard configuration from the interface's fixed part, the server's private key and the peers in
# $PEERS_PARAMETER, and applies it without touching the sessions of peers that did not change. CONFIG_FILE names the
# interface: /etc/wireguard/wg0.conf is wg0.

set -euo pipefail
umask 077

interface_file=$1
key_file=$2
config_file=$3
interface=$(basename "$config_file" .conf)

staged=$(mktemp --directory)
trap 'rm --recursive --force "$staged"' EXIT
staged_config=$staged/$interface.conf

peers=$(retry 3 5 aws ssm get-parameter --name "$PEERS_PARAMETER" --query Parameter.Value --output text)
# "input" fails on an empty answer, which must not pass for an empty list.
peer_sections=$(jq --null-input --raw-output '
    input | if type != "array" then error("not an array of peers") else .[] end
    | "", "# \(.name)", "[Peer]", "PublicKey = \(.public_key)", "AllowedIPs = \(.address)/32"' <<<"$peers")
key=$(<"$key_file")
{
    cat "$interface_file"
    printf 'PrivateKey = %s\n' "$key"
    printf '%s\n' "$peer_sections"
} >"$staged_config"

if ip link show dev "$interface" >/dev/null 2>&1; then
    if cmp --silent "$staged_config" "$config_file"; then
        exit 0
    fi
    # Applied before it is kept: what WireGuard refuses is tried again, and reported again, a minute later.
    wg-quick strip "$staged_config" >"$staged/stripped"
    wg syncconf "$interface" "$staged/stripped"
    mv "$staged_config" "$config_file"
    echo "peers changed"
else
    mv "$staged_config" "$config_file"
    wg-quick up "$config_file"
fi
