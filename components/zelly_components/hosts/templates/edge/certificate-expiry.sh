#!/bin/bash
# Usage: certificate-expiry SECRET DAYS
#
# Fails when a certificate in the secret ends within DAYS days, naming it and the day: the unit that runs this then
# stands in the state "failed", and the alarm on failed units tells of it.

set -euo pipefail

secret=$1
days=$2

value=$(retry 10 5 aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text)
ending=0
for key in ORIGIN_CERTIFICATE ORIGIN_PULL_CA ORIGIN_PULL_CERTIFICATE; do
    certificate=$(jq --exit-status --raw-output --arg key "$key" '.[$key]' <<<"$value") || {
        echo "$secret has no $key" >&2
        exit 1
    }
    end=$(openssl x509 -noout -enddate <<<"$certificate") || {
        echo "$secret: $key is no certificate" >&2
        exit 1
    }
    if ! openssl x509 -noout -checkend $((days * 86400)) <<<"$certificate" >/dev/null; then
        echo "$key ends within $days days: ${end#notAfter=}" >&2
        ending=1
    fi
done
exit "$ending"
