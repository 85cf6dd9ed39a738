"""``secrets``: what Secrets Manager holds for the services, without ever showing it."""
