"""What the compositions of programs share: an environment's provider, and the VPC of the config's section."""
