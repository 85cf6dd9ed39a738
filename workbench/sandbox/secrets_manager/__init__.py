"""The embedded AWS's Secrets Manager."""
