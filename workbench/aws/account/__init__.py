"""The account: settings, identity, quotas."""
