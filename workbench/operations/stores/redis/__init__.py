"""Replication groups of ElastiCache, with Redis or Valkey."""
