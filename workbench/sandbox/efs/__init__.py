"""The embedded AWS's EFS."""
