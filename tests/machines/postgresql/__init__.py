"""PostgreSQL with what stacks give to their instances."""
