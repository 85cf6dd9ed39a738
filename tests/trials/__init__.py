"""Trials of the tests themselves: one value, or one deliberate fault, at a time in a copy of the project."""
