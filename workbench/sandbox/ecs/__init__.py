"""The embedded AWS's ECS."""
