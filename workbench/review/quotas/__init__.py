"""Needs of a plan against the quotas of its account and region. Pure functions of recorded resources."""
