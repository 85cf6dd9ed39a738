"""The embedded AWS's ACM."""
