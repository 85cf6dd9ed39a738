"""The sandbox's EFS."""
