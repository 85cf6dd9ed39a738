"""The examples of the components' package in other languages, rendered from those in Python."""
