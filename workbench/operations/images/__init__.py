"""The images in the registry: built, pushed, listed, kept."""
