"""Secrets Manager for the services: what is there, what is missing, what changes; never a value."""
