"""What the program has run on its hosts, run.

A machine (``machine.py``) is this Debian under an overlay, booted in systemd-nspawn with a network, a process tree and
devices of its own. It boots the user data that the program registers (``hosts.py``): Debian's cloud-init writes the
files and runs the commands, and systemd runs the units, from the timer on. Block devices are files behind loop devices
(``volumes.py``); XFS, nftables, WireGuard and ClickHouse are the real ones. What needs AWS or Amazon Linux is stood in
for (``stand_ins.py``), and refuses what it does not know. The list of what that leaves open is in ``docs/machines.md``.

A test switches machines on and off, cuts their power at a chosen program, attaches, swaps and damages volumes, and
compares what is then in files, journal, console, kernel and ClickHouse.

It needs root, loop devices, and the Debian packages in ``tests/packages-debian.txt``. Everything that it starts ends
with the test process.
"""
