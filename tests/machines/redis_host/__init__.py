"""A Redis host from its first boot on: real systemd, cloud-init, XFS, TLS and Redis; AWS stands in."""
