"""The embedded AWS's IAM."""
