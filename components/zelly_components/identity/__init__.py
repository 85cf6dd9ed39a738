"""Policies and GitHub's subjects."""
