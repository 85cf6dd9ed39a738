"""``plan``: the plan of a stack, compared, drawn, priced and judged."""
