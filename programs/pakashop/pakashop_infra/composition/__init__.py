"""The composition: each part of an environment, made of components."""
