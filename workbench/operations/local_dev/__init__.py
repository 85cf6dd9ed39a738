"""A platform on a developer's machine: made ready, started, looked at and deleted. Nothing here knows of AWS."""
