"""The commands that run a platform on a developer's machine."""
