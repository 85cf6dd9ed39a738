"""The embedded AWS's Systems Manager."""
