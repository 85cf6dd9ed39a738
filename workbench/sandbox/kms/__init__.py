"""The embedded AWS's KMS."""
