"""The configuration of a stack: its types, its file, and its errors in words."""
