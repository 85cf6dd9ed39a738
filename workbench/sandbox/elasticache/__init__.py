"""The embedded AWS's ElastiCache."""
