"""The sandbox's CloudWatch."""
