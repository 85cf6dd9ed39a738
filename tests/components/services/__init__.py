"""The pure half of a service host: its units, its configuration, its scripts."""
