"""Tasks of ECS services: commands, shells, log lines and events."""
