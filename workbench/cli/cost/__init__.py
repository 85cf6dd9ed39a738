"""``cost``: what a stack costs a month."""
