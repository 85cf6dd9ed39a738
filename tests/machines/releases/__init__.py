"""Releases on the booted service host: by the agent, with real systemd, to all nineteen services."""
