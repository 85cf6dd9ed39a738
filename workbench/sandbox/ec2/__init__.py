"""The embedded AWS's EC2."""
