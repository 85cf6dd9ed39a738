"""The sandbox's Data Lifecycle Manager."""
