"""``plan``: a stack's plan and its views: differences, pictures, costs, rules, quotas."""
