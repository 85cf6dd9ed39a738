"""Roles, settings and quotas of the account, which are there before the first stack."""
