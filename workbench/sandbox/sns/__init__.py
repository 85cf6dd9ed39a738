"""The sandbox's SNS."""
