"""The sandbox's KMS."""
