"""Sizes of what is rendered, measured against AWS's limits."""
