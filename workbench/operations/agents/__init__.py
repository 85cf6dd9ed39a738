"""Build agents: what is there of them, and ending those that no build can be on."""
