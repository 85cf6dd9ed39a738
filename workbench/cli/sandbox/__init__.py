"""``sandbox``: a stack in the embedded AWS."""
