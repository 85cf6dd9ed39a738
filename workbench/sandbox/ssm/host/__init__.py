"""A simulated host with a release agent: a directory, its configuration in it, stand-ins for its programs."""
