"""A small shop: one of each kind of thing that the tools treat, and nothing twice."""
