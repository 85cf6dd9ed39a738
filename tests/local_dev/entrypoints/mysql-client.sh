#!/bin/sh
# In place of MySQL's client: MariaDB's has other options for the same.
set -eu

first=true
for word; do
    ! $first || set --
    first=false
    case $word in
    --ssl-mode=VERIFY_CA) set -- "$@" --ssl ;;
    --ssl-mode=VERIFY_IDENTITY) set -- "$@" --ssl-verify-server-cert ;;
    *) set -- "$@" "$word" ;;
    esac
done
exec mariadb "$@"
