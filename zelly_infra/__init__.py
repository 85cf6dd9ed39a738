"""The Zelly platform: its configuration, catalog, composition and commands."""
