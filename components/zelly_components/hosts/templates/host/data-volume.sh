#!/bin/bash
# Usage: data-volume DEVICE MOUNT_POINT FSTAB OWNER
#
# Waits for the data volume, formats it only if it is blank or was never formatted to the end, mounts it now and after
# every reboot, and grows the file system when the volume has grown. DEVICE is a path under /dev/disk/by-id: NVMe numbers
# change between boots. OWNER is the USER:GROUP that the mount point belongs to.

set -euo pipefail

device=$1
mount_point=$2
fstab=$3
owner=$4

file_system_type() {
    blkid --probe --match-tag TYPE --output value "$device" || true
}

is_blank() {
    # 2 is blkid's "nothing found"; any other failure (an I/O error, an ambivalent answer) must not pass for blank.
    local status=0 signatures
    blkid --probe "$device" >/dev/null || status=$?
    signatures=$(wipefs --no-act --noheadings "$device") || return 1
    # Both miss a file system whose first block is damaged, and whose data could still be saved.
    [[ $status == 2 && -z $signatures ]] && cmp --silent --bytes=1048576 "$device" /dev/zero
}

is_half_formatted() {
    # mkfs.xfs sets this flag first and clears it last, and the kernel mounts no file system that has it.
    [[ $(xfs_db -r -c 'sb 0' -c 'print inprogress' "$device" 2>/dev/null) == 'inprogress = 1' ]]
}

# The attachment follows the instance, and a volume leaving another instance takes minutes.
retry 120 5 test -b "$device"

if ! mountpoint --quiet "$mount_point"; then
    if is_blank; then
        # Without --force: mkfs refuses a device on which it finds a file system after all.
        mkfs.xfs -q "$device"
        echo "formatted $device"
    elif is_half_formatted; then
        mkfs.xfs -q -f "$device"
        echo "formatted $device, which an earlier run had left half formatted"
    fi
    if [[ $(file_system_type) != xfs ]]; then
        echo "$device holds no XFS file system and is not blank: left as it is" >&2
        exit 1
    fi
    mkdir --parents "$mount_point"
    mount --types xfs --options noatime "$device" "$mount_point"
    echo "mounted $device at $mount_point"
fi

mounted=$(findmnt --noheadings --output SOURCE --mountpoint "$mount_point")
if [[ $mounted != "$(realpath "$device")" ]]; then
    echo "$mount_point holds $mounted, not $device" >&2
    exit 1
fi

# nofail: a host whose volume is away still boots, so that somebody can look at it.
entry="$device $mount_point xfs noatime,nofail,x-systemd.device-timeout=60s 0 0"
grep --quiet --fixed-strings --line-regexp "$entry" "$fstab" || printf '%s\n' "$entry" >>"$fstab"

xfs_growfs "$mount_point" >/dev/null
chown "$owner" "$mount_point"
