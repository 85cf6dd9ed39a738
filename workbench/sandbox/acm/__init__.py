"""The sandbox's ACM."""
