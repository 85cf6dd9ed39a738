#!/bin/sh
# Installs the Debian packages that tests need, where it may: as root on a machine with apt-get. Where it cannot, the
# tests that need them are skipped with their reason; in CI nothing is skipped, so there this fails.
set -eu

missing=
while read -r package; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done <"$(dirname "$0")/packages-debian.txt"
[ -n "$missing" ] || exit 0

echo "Installing$missing …" >&2
if [ "$(id -u)" = 0 ]; then
    # The tests start servers of their own and call cloud-init: no service of this computer's is to come of that.
    # Debian's packages ask this file before they start anything (invoke-rc.d(8), policy-rc.d).
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    if [ ! -e /etc/cloud ]; then
        mkdir /etc/cloud && touch /etc/cloud/cloud-init.disabled
    fi
fi
# Without what is recommended, which for wireguard-tools is a kernel. The names are one word each, so that the list is
# split on purpose.
# shellcheck disable=SC2086
if [ "$(id -u)" = 0 ] && apt-get update -qq >&2 &&
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >&2; then
    exit 0
fi
echo "Could not install$missing: as root, 'apt-get install --no-install-recommends$missing' would." >&2
[ "${CI:-}" != true ]
