"""Releases to hosts: artefacts that are built once, the agent that is asked for them, and their record."""
