"""Images in the registry: built, pushed, listed, kept."""
