"""The sandbox's Application Auto Scaling."""
