"""The embedded AWS's Data Lifecycle Manager."""
