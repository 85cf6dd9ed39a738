"""The sandbox's IAM."""
