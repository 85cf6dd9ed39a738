"""A host with services under systemd: its units, its configuration and its boot document, as pure functions."""
