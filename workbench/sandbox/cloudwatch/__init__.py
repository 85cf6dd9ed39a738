"""The embedded AWS's CloudWatch."""
