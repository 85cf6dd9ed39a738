"""The sandbox's Systems Manager."""
