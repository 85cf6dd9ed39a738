#!/bin/sh
# In place of MySQL's client: MariaDB's has other options for the same, and TLS is not what it begins with.
set -eu

first=true
for word; do
    ! $first || set -- --ssl
    first=false
    case $word in
    --ssl-mode=VERIFY_CA) ;;
    --ssl-mode=VERIFY_IDENTITY) set -- "$@" --ssl-verify-server-cert ;;
    --ssl-mode=DISABLED) set -- "$@" --skip-ssl ;;
    *) set -- "$@" "$word" ;;
    esac
done
exec mariadb "$@"
