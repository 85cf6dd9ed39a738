"""Limits and lists of AWS, each with its source. A component and a config raise the same rule."""
