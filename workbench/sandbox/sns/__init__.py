"""The embedded AWS's SNS."""
