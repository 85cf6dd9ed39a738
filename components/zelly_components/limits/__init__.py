"""Limits and lists of AWS, each with its source."""
