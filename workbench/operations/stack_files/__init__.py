"""Stack files changed in place: another environment, another service."""
