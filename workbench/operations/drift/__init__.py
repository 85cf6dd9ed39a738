"""Drift between the program and AWS, through the engine or by name."""
