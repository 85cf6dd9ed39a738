"""The embedded AWS's RDS."""
