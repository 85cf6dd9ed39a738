#!/bin/bash
# Usage: vpn-server-key KEY_FILE
#
# Fetches the server's private key from $SERVER_KEY_SECRET. KEY_FILE stands under /run, so that the key is fetched at
# every boot and a changed one arrives with a reboot.

set -euo pipefail
umask 077

key_file=$1

if [[ -s $key_file ]]; then
    exit 0
fi
secret=$(retry 30 10 aws secretsmanager get-secret-value --secret-id "$SERVER_KEY_SECRET" \
    --query SecretString --output text)
key=$(jq --raw-output --exit-status .WIREGUARD_PRIVATE_KEY <<<"$secret")
# wg tells a key from any other text.
public_key=$(wg pubkey <<<"$key")
mkdir --parents "$(dirname "$key_file")"
printf '%s\n' "$key" >"$key_file.new"
mv "$key_file.new" "$key_file"
echo "server's public key: $public_key"
