"""The steps of the workflows that are more than one command; each is ``python -m tools.ci.<step>``."""
