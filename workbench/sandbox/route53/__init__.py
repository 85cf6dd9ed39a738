"""The sandbox's Route 53."""
