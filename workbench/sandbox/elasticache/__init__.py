"""The sandbox's ElastiCache."""
