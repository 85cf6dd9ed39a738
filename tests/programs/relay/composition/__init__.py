"""Relay's parts, as its compositions put them together."""
