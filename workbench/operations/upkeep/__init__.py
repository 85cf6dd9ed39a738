"""Changes that AWS makes to a running environment by itself."""
