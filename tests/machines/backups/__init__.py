"""Tests of database backups: the host's own programs, as processes, against a real PostgreSQL."""
