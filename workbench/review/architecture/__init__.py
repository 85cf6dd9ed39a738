"""The architecture of a stack, read off its recorded resources."""
