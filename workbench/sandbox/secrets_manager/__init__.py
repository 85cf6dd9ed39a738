"""The sandbox's Secrets Manager."""
