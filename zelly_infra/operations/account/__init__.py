"""What belongs to the account and is there before the first stack: roles, settings, quotas."""
