"""A search host from its first boot on: real systemd, cloud-init, XFS and TLS; AWS and Meilisearch stand in."""
