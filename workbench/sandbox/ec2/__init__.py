"""The sandbox's EC2."""
