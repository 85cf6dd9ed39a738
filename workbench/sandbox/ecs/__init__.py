"""The sandbox's ECS."""
