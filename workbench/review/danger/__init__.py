"""Dangers of a difference: what is destroyed, refused, interrupted."""
