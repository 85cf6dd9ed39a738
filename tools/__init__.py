"""What builds and runs around the project."""
