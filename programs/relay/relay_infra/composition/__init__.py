"""The parts of an environment, each made of components."""
