"""``cost``: the monthly cost of a stack."""
