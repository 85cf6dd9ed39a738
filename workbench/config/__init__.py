"""The configuration of a stack: its vocabulary, its file, and its mistakes in words."""
