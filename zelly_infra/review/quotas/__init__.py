"""What a plan needs of the quotas of its account and region. Pure functions of recorded resources."""
