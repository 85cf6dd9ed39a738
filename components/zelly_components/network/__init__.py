"""Address ranges of subnets."""
