"""The sandbox's random values."""
