"""A platform on a developer's machine: what runs there, and the files that make it run."""
