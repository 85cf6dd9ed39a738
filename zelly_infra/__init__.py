"""What makes the components the Zelly platform: its configuration, catalog, composition and commands."""
