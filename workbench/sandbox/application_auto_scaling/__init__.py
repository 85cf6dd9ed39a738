"""The embedded AWS's Application Auto Scaling."""
