"""Helpers of the ECS components: checks, roles, task definitions."""
