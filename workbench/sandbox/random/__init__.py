"""The embedded AWS's random values."""
