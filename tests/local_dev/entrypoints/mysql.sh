#!/bin/sh
# In place of the entrypoint of MySQL's image (docker-library/mysql, docker-entrypoint.sh), with MariaDB: makes the data
# directory, with a temporary server that listens on a socket alone, and then starts the server for good.
#
# MariaDB does not know MySQL's collations of Unicode 9: the configuration and the scripts get its own in their place.
set -eu

data=/var/lib/mysql
socket=/tmp/mysql.sock
configuration=/tmp/mysql.cnf

# As MySQL's image: a variable of this name, or of the file that holds its value.
value() { if printenv "$1_FILE" >/dev/null; then cat "$(printenv "$1_FILE")"; else printenv "$1" || true; fi; }

translated() { sed -e 's/utf8mb4_0900_ai_ci/utf8mb4_unicode_520_ci/g' "$@"; }

# Nothing here outlives a test: no waiting for a disk, and a small log.
quickly() {
    program=$1
    shift
    "$program" "$@" --user=root --datadir="$data" --innodb-flush-method=nosync --debug-no-sync \
        --innodb-log-file-size=4M
}

serve() { quickly exec_mariadbd --defaults-file="$configuration" --socket="$socket" "$@"; }
exec_mariadbd() { exec mariadbd "$@"; }
client() { mariadb --no-defaults --socket="$socket" --user=root "$@"; }

# Without Debian's own, which are elsewhere.
cat /etc/mysql/conf.d/*.cnf | translated >"$configuration"

if [ ! -d "$data/mysql" ]; then
    quickly mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db >/dev/null
    (serve --skip-networking) &
    temporary=$!
    until client --execute 'SELECT 1' >/dev/null 2>&1; do sleep 0.05; done
    if [ -n "${MYSQL_USER:-}" ]; then
        echo "CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$(value MYSQL_PASSWORD)';" | client
    fi
    for script in /docker-entrypoint-initdb.d/*.sql; do
        translated "$script" | client
    done
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$(value MYSQL_ROOT_PASSWORD)';" | client
    kill "$temporary"
    wait "$temporary" || true
fi
[ "${1:-}" != mysqld ] || shift
serve "$@"
